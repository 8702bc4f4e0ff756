namespace Dora.Cli.Commands;

/// <summary>Store locations as people type them.</summary>
internal static class UfsLocation
{
    /// <summary>A relative directory becomes absolute (the workers run elsewhere); a URI or an absolute path stays.</summary>
    public static string Absolute(string text) =>
        text.Length == 0 || text[0] == '/' || text.Contains("://", StringComparison.Ordinal) ? text : Path.GetFullPath(text);
}
