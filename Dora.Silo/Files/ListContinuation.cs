using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Dora.Silo.Files;

/// <summary>Where the next page of a merged listing starts. Opaque to callers; text form <c>length:high|store</c>.</summary>
/// <param name="High">The greatest name given so far; mounts with greater names are still to come.</param>
/// <param name="Store">Where the store's next page starts; <see langword="null"/> when the store has ended.</param>
internal readonly record struct ListContinuation(string High, string? Store)
{
    /// <summary>The start of a listing.</summary>
    public static ListContinuation Start => new(string.Empty, null);

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListContinuation? continuation)
    {
        continuation = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            || length >= text.Length - colon - 1 || text[colon + 1 + length] is not ('|' or '.'))
        {
            return false;
        }

        string high = text.Substring(colon + 1, length);
        continuation = new ListContinuation(high, text[colon + 1 + length] == '|' ? text[(colon + 2 + length)..] : null);
        return true;
    }

    /// <summary>The text form.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{High.Length}:{High}{(Store is null ? "." : "|" + Store)}");
}
