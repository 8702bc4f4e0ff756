using System.IO.Enumeration;
using System.Runtime.CompilerServices;

namespace Dora.Tests.Architecture;

/// <summary>The source tree the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Source files below a folder of the repository, build output left out, as paths relative to the root.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        new FileSystemEnumerable<string>(Path.GetFullPath(Path.Combine(Root, folder)), static (ref e) => e.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true })
        {
            ShouldIncludePredicate = (ref e) => !e.IsDirectory && FileSystemName.MatchesSimpleExpression(pattern, e.FileName, ignoreCase: false),

            // Not looked into: it is far larger than the sources.
            ShouldRecursePredicate = static (ref e) => e.FileName is not ("artifacts" or "bin" or "obj" or ".git" or ".dora" or "TestResults"),
        }
        .Select(static f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    public static string Read(string relativePath) => File.ReadAllText(Path.Combine(Root, relativePath));

    // Build output may lie outside the checkout: then the path this file was compiled from leads there.
    private static string FindRoot([CallerFilePath] string source = "") =>
        Above(AppContext.BaseDirectory) ?? Above(Path.GetDirectoryName(source) ?? ".")
        ?? throw new InvalidOperationException($"no Dora.sln above {AppContext.BaseDirectory} or {source}: run the tests from a checkout");

    private static string? Above(string path)
    {
        for (DirectoryInfo? directory = new(path); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Dora.sln")))
            {
                return directory.FullName;
            }
        }

        return null;
    }
}
