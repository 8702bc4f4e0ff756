using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Dora.Storage.Ufs;

/// <summary>The rules for paths relative to a mount's root, shared by all connectors.</summary>
internal static class UfsPath
{
    /// <summary>The longest segment in UTF-8 bytes (Linux' NAME_MAX).</summary>
    public const int MaxSegmentBytes = 255;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a relative path may be handed to a store.</summary>
    /// <param name="path">The path; empty means the root.</param>
    /// <param name="error">The broken rule in one line, when the result is <see langword="false"/>.</param>
    public static bool IsValid(string path, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (path.Length > DoraPath.MaxBytes)
        {
            error = $"the path is longer than {DoraPath.MaxBytes} bytes: give a shorter path";
            return false;
        }

        if (path.Length == 0)
        {
            return true;
        }

        foreach (Range segment in path.AsSpan().Split('/'))
        {
            error = CheckSegment(path.AsSpan(segment));
            if (error is not null)
            {
                error = $"'{path}' {error}";
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a name from a listing can be a segment of a Dora path.</summary>
    public static bool IsSegment(ReadOnlySpan<char> name) => CheckSegment(name) is null;

    private static string? CheckSegment(ReadOnlySpan<char> segment)
    {
        if (segment.IsEmpty || segment is "." or "..")
        {
            return "has an empty, '.' or '..' segment: give the path without it";
        }

        // U+FFFD is what a name that is not UTF-8 decodes to: two files could have that name, so neither has it.
        if (segment.ContainsAny('\0', '\uFFFD', '/'))
        {
            return "has a NUL or replacement character: rename the file";
        }

        try
        {
            return Strict.GetByteCount(segment) > MaxSegmentBytes
                ? $"has a segment longer than {MaxSegmentBytes} bytes: give a shorter name"
                : null;
        }
        catch (EncoderFallbackException)
        {
            return "has half a surrogate pair: give valid Unicode";
        }
    }
}
