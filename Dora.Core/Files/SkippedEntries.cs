namespace Dora;

/// <summary>Entries of one kind that a listing left out.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many, 1 or more.</param>
/// <param name="Names">
/// Some of their names, at most <see cref="MaxNames"/>. Of names that are not UTF-8 the wrong bytes are written <c>\xFF</c> and a backslash <c>\\</c>; all others are as they are, which may
/// include control characters.
/// </param>
public sealed record SkippedEntries(SkipReason Reason, long Count, IReadOnlyList<string> Names)
{
    /// <summary>The most names that are told of a reason: 10.</summary>
    public const int MaxNames = 10;

    /// <summary>Whether both say the same.</summary>
    public bool Equals(SkippedEntries? other) =>
        other is not null && Reason == other.Reason && Count == other.Count && Names.SequenceEqual(other.Names);

    /// <summary>A hash of reason and count.</summary>
    public override int GetHashCode() => HashCode.Combine(Reason, Count);
}
