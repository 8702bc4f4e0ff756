using System.Diagnostics.CodeAnalysis;

namespace Dora;

/// <summary>
/// The root of a mount in its store (UFS, under file system), for example <c>file:///data/train</c> or <c>s3://bucket/train</c>.
/// Normalized: lower-case scheme, no trailing slash. A plain absolute path means <c>file://</c>. Never carries credentials.
/// </summary>
public readonly record struct UfsUri
{
    private readonly string? _value;

    private UfsUri(string value) => _value = value;

    /// <summary>The normalized text.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>The scheme in lower case, for example <c>file</c>.</summary>
    public string Scheme => Value.Length == 0 ? string.Empty : Value[..Value.IndexOf("://", StringComparison.Ordinal)];

    /// <summary>What follows <c>scheme://</c>: for <c>file</c> the absolute directory.</summary>
    public string Location => Value.Length == 0 ? string.Empty : Value[(Scheme.Length + 3)..];

    /// <summary>The text without the slash that only the root of a file system ends with.</summary>
    internal string Directory => Value.EndsWith('/') ? Value[..^1] : Value;

    /// <summary>Normalizes text to a root URI.</summary>
    /// <param name="text"><c>scheme://location</c> or an absolute path.</param>
    /// <param name="uri">The URI, when the result is <see langword="true"/>.</param>
    /// <param name="error">The broken rule in one line, when it is not.</param>
    /// <returns>Whether the text is a root URI.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out UfsUri uri, [NotNullWhen(false)] out string? error)
    {
        uri = default;
        string full = text is ['/', ..] ? "file://" + text : text ?? string.Empty;
        int colon = full.IndexOf("://", StringComparison.Ordinal);
        error = Check(text, full, colon);
        if (error is not null)
        {
            return false;
        }

        string location = full[(colon + 3)..].TrimEnd('/');
        string scheme = full[..colon].ToLowerInvariant();
        uri = new UfsUri($"{scheme}://{(location.Length == 0 && scheme == "file" ? "/" : location)}");
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for URIs that must be right.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidPath"/>.</exception>
    public static UfsUri Parse(string text) =>
        TryParse(text, out UfsUri uri, out string? error) ? uri : throw new DoraException(DoraErrorCode.InvalidPath, error);

    /// <summary>The full UFS path of something below this root.</summary>
    /// <param name="relative">Path below the root without a leading slash; empty for the root itself.</param>
    public string Combine(string relative) => relative.Length == 0 ? Value : Directory + "/" + relative;

    /// <summary>Whether a full UFS path is this root or lies below it.</summary>
    public bool Covers(string ufsPath)
    {
        string root = Directory;
        return ufsPath.StartsWith(root, StringComparison.Ordinal) && (ufsPath.Length == root.Length || ufsPath[root.Length] == '/');
    }

    /// <summary>Whether a full UFS path is this root or lies below it, and where.</summary>
    public bool TryGetRelative(string ufsPath, out string relative)
    {
        bool under = Covers(ufsPath);
        relative = under ? ufsPath[Directory.Length..].TrimStart('/') : string.Empty;
        return under;
    }

    /// <summary>The normalized text.</summary>
    public override string ToString() => Value;

    private static string? Check(string? text, string full, int colon)
    {
        if (colon <= 0 || !full.AsSpan(0, colon).ContainsOnlySchemeCharacters())
        {
            return $"'{text}' is neither an absolute path nor scheme://location: give for example /data or file:///data";
        }

        string location = full[(colon + 3)..];
        if (location.Length == 0 || location.Contains('\0', StringComparison.Ordinal))
        {
            return $"'{text}' names no location after '://': give for example file:///data";
        }

        bool isFile = full.AsSpan(0, colon).Equals("file", StringComparison.OrdinalIgnoreCase);
        if (isFile != (location[0] == '/'))
        {
            return isFile
                ? $"'{text}' is a file URI without an absolute path: give for example file:///data"
                : $"'{text}' names no bucket or host after '://': give for example s3://bucket/train";
        }

        return location.Split('/').Any(static s => s is "." or "..") || location.Contains("//", StringComparison.Ordinal)
            ? $"'{text}' has an empty, '.' or '..' segment: give the location without it"
            : null;
    }
}
