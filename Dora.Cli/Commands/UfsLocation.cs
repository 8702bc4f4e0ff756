namespace Dora.Cli.Commands;

/// <summary>Store locations as people type them.</summary>
internal static class UfsLocation
{
    /// <summary>A relative directory becomes absolute (the workers run elsewhere); a URI or an absolute path stays.</summary>
    public static string Absolute(string text) =>
        text.Length == 0 || text[0] == '/' || text.Contains("://", StringComparison.Ordinal) ? text : Path.GetFullPath(text);

    /// <summary>The directory on the machine that a URI names; <see langword="null"/> for another kind of store.</summary>
    public static string? LocalDirectory(UfsUri ufs) => ufs.Scheme == "file" ? ufs.Value["file://".Length..] : null;
}
