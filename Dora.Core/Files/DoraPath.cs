using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Dora;

/// <summary>
/// A normalized Dora path: starts with <c>/</c>, has no empty, <c>.</c> or <c>..</c> segment, no trailing slash (but the root), no NUL,
/// and at most <see cref="MaxBytes"/> bytes in UTF-8. Equal paths are equal strings, compared ordinally. The key of a file grain.
/// </summary>
public readonly record struct DoraPath : IComparable<DoraPath>
{
    /// <summary>The longest path in UTF-8 bytes (Linux' PATH_MAX).</summary>
    public const int MaxBytes = 4096;

    private readonly string? _value;

    private DoraPath(string value) => _value = value;

    /// <summary>The root, <c>/</c>; also the default value.</summary>
    public static DoraPath Root => default;

    /// <summary>The path as text.</summary>
    public string Value => _value ?? "/";

    /// <summary>Whether this is <c>/</c>.</summary>
    public bool IsRoot => Value.Length == 1;

    /// <summary>The last segment; empty for the root.</summary>
    public string Name => Value[(Value.LastIndexOf('/') + 1)..];

    /// <summary>The path without its last segment; the root's parent is the root.</summary>
    public DoraPath Parent
    {
        get
        {
            int slash = Value.LastIndexOf('/');
            return slash <= 0 ? Root : new DoraPath(Value[..slash]);
        }
    }

    /// <summary>Normalizes text to a path: repeated and trailing slashes go; everything else must already be right.</summary>
    /// <param name="text">The text; must start with <c>/</c>.</param>
    /// <param name="path">The path, when the result is <see langword="true"/>.</param>
    /// <param name="error">The broken rule in one line, when the result is <see langword="false"/>.</param>
    /// <returns>Whether the text is a path.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out DoraPath path, [NotNullWhen(false)] out string? error)
    {
        path = default;
        error = Check(text);
        if (error is not null)
        {
            return false;
        }

        string[] segments = text!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string? dotted = Array.Find(segments, static s => s is "." or "..");
        if (dotted is not null)
        {
            error = $"path '{text}' has the segment '{dotted}': give the path without it";
            return false;
        }

        path = segments.Length == 0 ? Root : new DoraPath("/" + string.Join('/', segments));
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for paths that must be right.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidPath"/>.</exception>
    public static DoraPath Parse(string text) =>
        TryParse(text, out DoraPath path, out string? error) ? path : throw new DoraException(DoraErrorCode.InvalidPath, error);

    /// <summary>Whether this path is <paramref name="directory"/> or lies below it.</summary>
    public bool IsAtOrUnder(DoraPath directory) =>
        directory.IsRoot
        || (Value.StartsWith(directory.Value, StringComparison.Ordinal)
            && (Value.Length == directory.Value.Length || Value[directory.Value.Length] == '/'));

    /// <summary>This path relative to <paramref name="directory"/>, without a leading slash; empty when they are equal.</summary>
    /// <exception cref="ArgumentException">This path is not at or under <paramref name="directory"/>.</exception>
    public string RelativeTo(DoraPath directory)
    {
        if (!IsAtOrUnder(directory))
        {
            throw new ArgumentException($"'{Value}' is not under '{directory.Value}'", nameof(directory));
        }

        return Value[directory.Value.Length..].TrimStart('/');
    }

    /// <summary>This path with a relative path appended.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidPath"/>.</exception>
    public DoraPath Append(string relative) => Parse(Value + "/" + relative);

    /// <summary>
    /// This path with one more segment, without looking at the rest again: for listings, which make a path of every name.
    /// </summary>
    /// <param name="name">A name.</param>
    /// <param name="path">The path, when the result is <see langword="true"/>.</param>
    /// <returns>Whether the name is a segment and the path is not too long.</returns>
    internal bool TryAppendName(string name, out DoraPath path)
    {
        string text = IsRoot ? "/" + name : Value + "/" + name;
        bool isSegment = name.Length > 0 && name is not ("." or "..") && !name.Contains('/', StringComparison.Ordinal) && Check(text) is null;
        path = isSegment ? new DoraPath(text) : default;
        return isSegment;
    }

    /// <inheritdoc/>
    public int CompareTo(DoraPath other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public bool Equals(DoraPath other) => string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    /// <summary>The path as text.</summary>
    public override string ToString() => Value;

    private static string? Check(string? text)
    {
        if (string.IsNullOrEmpty(text) || text[0] != '/')
        {
            return $"path '{text}' does not start with '/': give a full Dora path such as /data/file";
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return "the path has a NUL character: give the path without it";
        }

        if (HasLoneSurrogate(text))
        {
            return "the path has half of a Unicode character: give the path in valid Unicode";
        }

        return Encoding.UTF8.GetByteCount(text) > MaxBytes ? $"the path is longer than {MaxBytes} bytes: give a shorter path" : null;
    }

    /// <summary>Two paths that differ in such halves only would be one path in UTF-8.</summary>
    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAnyInRange('\ud800', '\udfff') is >= 0 and int at)
        {
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return true;
            }

            text = text[(at + 2)..];
        }

        return false;
    }
}
