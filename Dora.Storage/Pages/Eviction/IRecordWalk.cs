using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Eviction;

/// <summary>A record that a hand stands on.</summary>
/// <param name="Id">Its entry; <see cref="IRecordWalk.State"/> gives the policy's byte.</param>
/// <param name="Place">Its place.</param>
/// <param name="Page">Its page.</param>
/// <param name="Bytes">Bytes of disk that its eviction gives back.</param>
internal readonly record struct EvictionCandidate(RecordId Id, RecordPlace Place, PageKey Page, int Bytes);

/// <summary>
/// The records of one directory in physical order: segments from old to new, records by position. Used by one thread at a time (the directory's evictor).
/// Pinned pages are not shown; pages that are being sent are shown, and their eviction may fail.
/// </summary>
internal interface IRecordWalk
{
    /// <summary>Live records of the directory, about.</summary>
    long Count { get; }

    /// <summary>Moves a hand to the next record, from the newest back to the oldest. <see langword="false"/> when there is none at all.</summary>
    bool TryNext(ref RecordHand hand, out EvictionCandidate candidate);

    /// <summary>The policy's byte of a record; racing with hits.</summary>
    ref byte State(RecordId id);

    /// <summary>How many bytes, live or not, were appended behind a hand.</summary>
    long NewerBytes(in RecordHand hand);

    /// <summary>A hand that has about this many newer bytes behind it; before the oldest record when there are fewer. May cost a look at every segment.</summary>
    RecordHand At(long newerBytes);
}

/// <summary>A place in the physical order; the default is before the oldest record. A policy may have several.</summary>
internal struct RecordHand
{
    /// <summary>How often it went from the newest back to the oldest.</summary>
    public long Laps { get; set; }

    /// <summary>Sequence of the segment it stands in.</summary>
    internal ulong Sequence { get; set; }

    /// <summary>Block of the last record it stood on, plus one.</summary>
    internal uint NextStep { get; set; }

    /// <summary>Whether it stands nearer to the oldest record than another.</summary>
    internal readonly bool IsBefore(in RecordHand other) =>
        Sequence != other.Sequence ? Sequence < other.Sequence : NextStep < other.NextStep;
}
