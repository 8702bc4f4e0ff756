namespace Dora.Storage.Ufs.Local;

/// <summary>The next names of a directory, all of them.</summary>
/// <param name="Directory">Which directory.</param>
/// <param name="After">The name that they follow; <see langword="null"/>: the first ones.</param>
/// <param name="Names">In ordinal order.</param>
/// <param name="IsLast">Whether the directory had no more when it was looked at.</param>
internal sealed record ListingRun(string Directory, string? After, ArraySegment<string> Names, bool IsLast)
{
    /// <summary>The run's number; 0 while it is not kept.</summary>
    public long Number { get; init; }

    /// <summary>Whether the names that follow a name are here.</summary>
    public bool Covers(string? after) => string.CompareOrdinal(after, After) >= 0 && Names.Count > 0 && string.CompareOrdinal(after, Names[^1]) < 0;

    /// <summary>The names that follow a name.</summary>
    public ArraySegment<string> NamesAfter(string? after)
    {
        int found = after is null ? -1 : Names.AsSpan().BinarySearch(after, StringComparer.Ordinal);
        return Names[(found >= 0 ? found + 1 : ~found)..];
    }
}
