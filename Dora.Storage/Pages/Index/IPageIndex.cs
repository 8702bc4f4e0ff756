using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Index;

/// <summary>What became of a record that was to be added.</summary>
internal enum IndexAddOutcome
{
    /// <summary>It is in the index.</summary>
    Added,

    /// <summary>All its bytes were there already.</summary>
    AlreadyThere,

    /// <summary>Found at start, but the file has a version by now that was put later.</summary>
    Outdated,

    /// <summary>The index cannot name it: more than 2^23 records or files in a shard, or a position past 1 GiB in its segment.</summary>
    Full,
}

/// <summary>A record that left the index.</summary>
/// <param name="Id">Its entry until now.</param>
/// <param name="Page">Its page.</param>
/// <param name="Record">What the index knew of it.</param>
/// <param name="LastOfPage">Whether its page has no bytes left.</param>
internal readonly record struct DroppedRecord(RecordId Id, PageKey Page, IndexedRecord Record, bool LastOfPage);

/// <summary>What the index tells its store, under the lock of a shard but for pins: short, and never back into the index.</summary>
internal interface IIndexObserver
{
    /// <summary>A reader found the record: whoever gives its space back waits for the pin from here on. Counted by an interlocked operation.</summary>
    void Pin(RecordPlace place);

    /// <summary>
    /// Takes a <see cref="Pin"/> back: while the reader looked, the record may have left. So either call may for an instant meet a slot that has just been
    /// emptied or given to another segment.
    /// </summary>
    void Unpin(RecordPlace place);

    /// <summary>A record came into the index, by a put or from the checkpoint. <see langword="false"/> refuses one from the checkpoint (its segment is gone).</summary>
    bool OnAdded(RecordId id, in PageKey page, in IndexedRecord record);
}

/// <summary>Lookups in the index: no lock, and nothing is allocated.</summary>
internal interface IPageLookups
{
    /// <summary>Of the records that hold a byte, the one that goes on farthest; pinned (<see cref="IIndexObserver.Pin"/>) while it is in the index.</summary>
    bool TryFind(in PageKey page, int offset, out RecordId id, out IndexedRecord record);

    /// <summary>As <see cref="TryFind"/> where that costs no wait: neither for the load of a shard nor for a change that is under way.</summary>
    bool TryFindNow(in PageKey page, int offset, out RecordId id, out IndexedRecord record);

    /// <summary>How many bytes from an offset on are there without a gap, at most <paramref name="length"/>.</summary>
    int Covered(in PageKey page, int offset, int length);

    /// <summary>Marks blocks as checked, when the entry still has that record. The caller holds the pin.</summary>
    void SetVerified(RecordId id, RecordPlace place, ushort blocks);

    /// <summary>The eviction policy's byte of an entry, racing with whatever the entry becomes: a hint, saved in the checkpoint.</summary>
    ref byte State(RecordId id);
}

/// <summary>Changes of the index, and looks at its entries: a short lock per shard, shard by file id.</summary>
internal interface IPageEntries
{
    /// <summary>Adds a record; drops records inside its range, and records of another version of its file.</summary>
    /// <param name="page">The page.</param>
    /// <param name="record">The record.</param>
    /// <param name="state">The policy's byte.</param>
    /// <param name="order">Sequence of its segment. Of two versions of a file the one with the higher order stays; a put is never outdated.</param>
    /// <param name="recovered">Found by a scan: may be there already (same place: <see cref="IndexAddOutcome.AlreadyThere"/>) or outdated.</param>
    /// <param name="dropped">Receives what left.</param>
    IndexAddOutcome Add(in PageKey page, in IndexedRecord record, byte state, ulong order, bool recovered, List<DroppedRecord> dropped);

    /// <summary>Looks at an entry, when it still has that record.</summary>
    bool TryGet(RecordId id, RecordPlace place, out PageKey page, out IndexedRecord record);

    /// <summary>Removes an entry, when it still has that record.</summary>
    bool TryRemove(RecordId id, RecordPlace place, out DroppedRecord dropped);

    /// <summary>Lets an entry name another place (the record was moved), unverified, when it still has that record. Calls <see cref="IIndexObserver.OnAdded"/>.</summary>
    bool TryMove(RecordId id, RecordPlace from, RecordPlace to, ulong order);

    /// <summary>Removes the records of a page.</summary>
    void RemovePage(in PageKey page, List<DroppedRecord> dropped);

    /// <summary>Removes the records of a file but those of a version to keep.</summary>
    void RemoveFile(FileId file, FileVersion keep, List<DroppedRecord> dropped);
}

/// <summary>
/// Which records hold which bytes of which page. One version of a file is kept. Safe for concurrent use; no call blocks on a disk but the load of a shard
/// from the checkpoint. Mount and pin belong to the file: its first record brings them, <see cref="SetPinned"/> changes the pin.
/// </summary>
internal interface IPageIndex : IPageLookups, IPageEntries
{
    /// <summary>Pins or unpins the records of a file.</summary>
    /// <returns>Bytes whose mark changed.</returns>
    long SetPinned(FileId file, bool pinned);

    /// <summary>What is held of a file in records that count, each byte once.</summary>
    HeldPages Held(FileId file, Func<IndexedRecord, bool> counts);

    /// <summary>Pages with at least one byte; counts those of shards not loaded yet by the checkpoint's word.</summary>
    long PageCount { get; }

    /// <summary>Bytes of memory of the index, all told.</summary>
    long MemoryBytes { get; }

    /// <summary>Loads what is not loaded yet of the checkpoint, a shard at a time.</summary>
    void LoadAll(CancellationToken cancellationToken);
}
