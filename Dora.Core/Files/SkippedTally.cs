namespace Dora;

/// <summary>Gathers what listings leave out: for each reason how many, and the first names. Bounded. Not for concurrent use.</summary>
internal sealed class SkippedTally
{
    private readonly SortedDictionary<SkipReason, (long Count, List<string> Names)> _entries = [];

    /// <summary>All of them.</summary>
    public long Count => _entries.Values.Sum(static e => e.Count);

    /// <summary>An entry is left out.</summary>
    public void Add(SkipReason reason, string name) => Add(reason, 1, [name]);

    /// <summary>What another listing, or another page of it, left out.</summary>
    public void Add(IEnumerable<SkippedEntries> more)
    {
        foreach (SkippedEntries entries in more)
        {
            Add(entries.Reason, entries.Count, entries.Names);
        }
    }

    /// <summary>Entries are left out, of which some names are known.</summary>
    public void Add(SkipReason reason, long count, IReadOnlyList<string> names)
    {
        (long before, List<string> known) = _entries.TryGetValue(reason, out (long, List<string>) found) ? found : (0, []);
        known.AddRange(names.Take(SkippedEntries.MaxNames - known.Count));
        _entries[reason] = (before + count, known);
    }

    /// <summary>What was left out so far, by reason.</summary>
    public SkippedEntries[] ToArray() => [.. _entries.Select(static e => new SkippedEntries(e.Key, e.Value.Count, [.. e.Value.Names]))];
}
