using System.Globalization;

namespace Dora.Storage.Ufs.Local;

/// <summary>Where a page of a listing starts. Text form <c>run/name</c>: names have no slash.</summary>
/// <param name="After">The last name of the page before; <see langword="null"/> for the first page.</param>
/// <param name="Run">The run with the names that follow; 0 when there is none.</param>
internal readonly record struct ListingCursor(string? After, long Run)
{
    /// <summary>Reads a continuation; one that no page returned starts after the name it looks like.</summary>
    public static ListingCursor Parse(string? continuation)
    {
        if (continuation is null)
        {
            return default;
        }

        int slash = continuation.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && long.TryParse(continuation.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out long run)
            ? new ListingCursor(continuation[(slash + 1)..], run)
            : new ListingCursor(continuation, 0);
    }

    /// <summary>The text form.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Run}/{After}");
}
