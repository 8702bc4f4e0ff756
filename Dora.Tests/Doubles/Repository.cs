namespace Dora.Tests.Doubles;

/// <summary>Finds files of the repository the tests were built from.</summary>
internal static class Repository
{
    internal static string Root { get; } = FindRoot();

    internal static string ReadText(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Dora.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests do not run below a folder with Dora.sln");
    }
}
