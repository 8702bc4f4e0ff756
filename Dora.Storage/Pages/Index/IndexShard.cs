using System.Numerics;
using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// A part of the index: some files and all their records. Changes take the lock. Lookups do not: they read, and look whether the shard's change
/// counter moved meanwhile (a sequence lock; Lameter, "Effective synchronization on Linux/NUMA systems", 2005). Memory is never given back, so that the worst a
/// lookup meets is a wrong record, which the counter tells.
/// </summary>
internal sealed class IndexShard(int number, IIndexObserver observer, SegmentOrders orders)
{
    // A lookup passes some two or three entries; one that needs more is served under the lock, where walks end.
    private const int MaxSteps = 64;
    private const int Attempts = 4;
    private const int SlotBits = 23;

    private readonly Lock _gate = new();
    private readonly ShardTables _tables = new();

    // Odd while something changes that lookups walk over.
    private int _changes;
    private long _pages;
    private byte _noState;

    public long Pages => Volatile.Read(ref _pages);

    public long MemoryBytes => _tables.Files.MemoryBytes + _tables.Records.MemoryBytes;

    /// <summary>Files and records now; for estimates.</summary>
    public (int Files, int Records) Counts => (_tables.Files.Count, _tables.Records.Count);

    public bool TryFind(in PageKey page, int offset, out RecordId id, out IndexedRecord record) =>
        TryFindUnlocked(page, offset, out bool found, out id, out record) ? found : TryFindLocked(page, offset, out id, out record);

    /// <summary>As <see cref="TryFind"/>, but waits for no lock: what changes right now is not found.</summary>
    public bool TryFindNow(in PageKey page, int offset, out RecordId id, out IndexedRecord record) =>
        TryFindUnlocked(page, offset, out bool found, out id, out record) && found;

    /// <returns>Whether it was found out.</returns>
    private bool TryFindUnlocked(in PageKey page, int offset, out bool found, out RecordId id, out IndexedRecord record)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int changes = Volatile.Read(ref _changes);
            int steps = MaxSteps;
            found = TryFindOnce(page, offset, ref steps, out id, out record);
            Volatile.ReadBarrier();
            if ((changes & 1) != 0 || steps <= 0 || Volatile.Read(ref _changes) != changes)
            {
                continue;
            }

            if (!found)
            {
                return true;
            }

            // From the pin on the record's bytes stay; whether it was the page's record then is what the counter says.
            // (The pin is an interlocked operation, so the counter is read after it.)
            observer.Pin(record.Place);
            if (Volatile.Read(ref _changes) == changes)
            {
                return true;
            }

            observer.Unpin(record.Place);
        }

        (found, id, record) = (false, default, default);
        return false;
    }

    public int Covered(in PageKey page, int offset, int length)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int changes = Volatile.Read(ref _changes);
            int steps = MaxSteps;
            int covered = _tables.Covered(page, offset, length, ref steps);
            Volatile.ReadBarrier();
            if ((changes & 1) == 0 && steps > 0 && Volatile.Read(ref _changes) == changes)
            {
                return covered;
            }
        }

        lock (_gate)
        {
            int steps = int.MaxValue;
            return _tables.Covered(page, offset, length, ref steps);
        }
    }

    public void SetVerified(RecordId id, RecordPlace place, ushort blocks)
    {
        lock (_gate)
        {
            if (TrySlot(id, place, out int slot))
            {
                _tables.Records[slot].Verified |= blocks;
            }
        }
    }

    public ref byte State(RecordId id)
    {
        int slot = SlotOf(id);
        return ref slot > 0 && slot < _tables.Records.End ? ref _tables.Records[slot].State : ref _noState;
    }

    public IndexAddOutcome Add(
        in PageKey page, in IndexedRecord record, byte state, ulong order, bool recovered, List<DroppedRecord> dropped)
    {
        lock (_gate)
        {
            int steps = int.MaxValue;
            int gone = 0;
            int file = _tables.Files.Find(page.File, ref steps);
            if (file != 0 && _tables.Files[file].Version != page.Version)
            {
                if (recovered && IsOutdated(file, record.Place, order))
                {
                    return IndexAddOutcome.Outdated;
                }
            }
            else if (file != 0 && _tables.Covered(page, record.Offset, record.Length, ref steps) == record.Length
                && !(recovered && TryFindOlderCover(file, page.Index, record, order, out gone)))
            {
                return IndexAddOutcome.AlreadyThere;
            }

            if (record.Place.Step >= RecordEntry.MaxSteps || !_tables.Files.TryReserve() || !_tables.Records.TryReserve())
            {
                return IndexAddOutcome.Full;
            }

            orders.Set(record.Place.Slot, order);
            if (file != 0 && _tables.Files[file].Version != page.Version)
            {
                RemoveRecords(file, dropped);
                file = 0;
            }

            // The new record before the old ones go: no reader meets a gap, and the file's entry stays.
            int slot = Insert(page, record, state, file);
            DropInside(slot, dropped);
            if (gone != 0 && _tables.Records[gone].File != 0)
            {
                dropped.Add(Remove(gone));
            }

            return IndexAddOutcome.Added;
        }
    }

    public bool TryGet(RecordId id, RecordPlace place, out PageKey page, out IndexedRecord record)
    {
        lock (_gate)
        {
            (page, record) = (default, default);
            if (!TrySlot(id, place, out int slot))
            {
                return false;
            }

            (page, record) = Describe(slot);
            return true;
        }
    }

    public bool TryRemove(RecordId id, RecordPlace place, out DroppedRecord dropped)
    {
        lock (_gate)
        {
            bool found = TrySlot(id, place, out int slot);
            dropped = found ? Remove(slot) : default;
            return found;
        }
    }

    public bool TryMove(RecordId id, RecordPlace from, RecordPlace to, ulong order)
    {
        lock (_gate)
        {
            if (to.Step >= RecordEntry.MaxSteps || !TrySlot(id, from, out int slot))
            {
                return false;
            }

            orders.Set(to.Slot, order);
            BeginChange();
            _tables.Records[slot].Move(to);
            EndChange();
            (PageKey page, IndexedRecord record) = Describe(slot);
            observer.OnAdded(id, page, record);
            return true;
        }
    }

    public void RemovePage(in PageKey page, List<DroppedRecord> dropped)
    {
        lock (_gate)
        {
            int steps = int.MaxValue;
            while (_tables.Files.Find(page.File, ref steps) is var file and not 0
                && _tables.Files[file].Version == page.Version
                && _tables.NextOfPage(file, page.Index, 0) is var slot and not 0)
            {
                dropped.Add(Remove(slot));
            }
        }
    }

    public void RemoveFile(FileId id, FileVersion keep, List<DroppedRecord> dropped)
    {
        lock (_gate)
        {
            int steps = int.MaxValue;
            int file = _tables.Files.Find(id, ref steps);
            if (file != 0 && (keep.IsNone || _tables.Files[file].Version != keep))
            {
                RemoveRecords(file, dropped);
            }
        }
    }

    public long SetPinned(FileId id, bool pinned)
    {
        lock (_gate)
        {
            int steps = int.MaxValue;
            int file = _tables.Files.Find(id, ref steps);
            if (file == 0 || _tables.Files[file].IsPinned == pinned)
            {
                return 0;
            }

            BeginChange();
            _tables.Files[file].IsPinned = pinned;
            EndChange();
            return BytesOf(file);
        }
    }

    public HeldPages Held(FileId id, Func<IndexedRecord, bool> counts)
    {
        lock (_gate)
        {
            int steps = int.MaxValue;
            int file = _tables.Files.Find(id, ref steps);
            long bytes = file == 0 ? 0 : HeldBytes(file, counts);
            return bytes == 0 ? default : new HeldPages(_tables.Files[file].Version, bytes);
        }
    }

    /// <summary>Runs something on the tables under the lock: saving and loading.</summary>
    public void Locked(Action<ShardTables> work)
    {
        lock (_gate)
        {
            work(_tables);
        }
    }

    /// <summary>Adds an entry of an image; the lock is held, and nobody looks yet.</summary>
    public bool TryLoad(in PageKey page, in IndexedRecord record, byte state, ref int file)
    {
        if (!_tables.Files.TryReserve() || !_tables.Records.TryReserve())
        {
            return false;
        }

        int slot = InsertQuietly(page, record, state, ref file);
        if (observer.OnAdded(IdOf(slot), page, record))
        {
            return true;
        }

        Remove(slot);
        file = _tables.Files[file].IsEmpty ? 0 : file;
        return false;
    }

    private bool TryFindLocked(in PageKey page, int offset, out RecordId id, out IndexedRecord record)
    {
        lock (_gate)
        {
            int steps = int.MaxValue;
            bool found = TryFindOnce(page, offset, ref steps, out id, out record);
            if (found)
            {
                observer.Pin(record.Place);
            }

            return found;
        }
    }

    private bool TryFindOnce(in PageKey page, int offset, ref int steps, out RecordId id, out IndexedRecord record)
    {
        int slot = _tables.Find(page, offset, out int file, ref steps);
        id = IdOf(slot);
        record = slot == 0 ? default : _tables.Records.Peek(slot).ToRecord(_tables.Files.Peek(file));
        return slot != 0;
    }

    /// <summary>Drops the records of a page that lie inside another one.</summary>
    private void DropInside(int added, List<DroppedRecord> dropped)
    {
        (int file, uint page) = (_tables.Records[added].File, _tables.Records[added].Page);
        (int offset, int end) = (_tables.Records[added].Offset, _tables.Records[added].End);
        int slot = _tables.NextOfPage(file, page, 0);
        while (slot != 0)
        {
            int next = _tables.NextOfPage(file, page, slot);
            if (slot != added && _tables.Records[slot].Offset >= offset && _tables.Records[slot].End <= end)
            {
                dropped.Add(Remove(slot));
            }

            slot = next;
        }
    }

    private int Insert(in PageKey page, in IndexedRecord record, byte state, int file)
    {
        BeginChange();
        int slot = InsertQuietly(page, record, state, ref file);
        EndChange();
        observer.OnAdded(IdOf(slot), page, Describe(slot).Record);
        return slot;
    }

    private int InsertQuietly(in PageKey page, in IndexedRecord record, byte state, ref int file)
    {
        if (file == 0)
        {
            file = _tables.Files.Add(page.File, page.Version, record.Mount, record.Pinned);
        }

        _pages += _tables.NextOfPage(file, page.Index, 0) == 0 ? 1 : 0;
        return _tables.Insert(new RecordEntry(file, page.Index, record, state));
    }

    private void RemoveRecords(int file, List<DroppedRecord> dropped)
    {
        int left = _tables.Files[file].Count;
        bool hashed = _tables.Files[file].IsHashed;
        int slot = 0;
        do
        {
            slot = _tables.NextOfFile(file, slot + 1);
            left--;
            bool last = hashed ? left == 0 : _tables.Records[slot].Next == 0;
            dropped.Add(Remove(slot));
            if (last)
            {
                return;
            }
        }
        while (true);
    }

    private DroppedRecord Remove(int slot)
    {
        (PageKey page, IndexedRecord record) = Describe(slot);
        int file = _tables.Records[slot].File;
        int first = _tables.NextOfPage(file, page.Index, 0);
        bool lastOfPage = first == slot && _tables.NextOfPage(file, page.Index, slot) == 0;
        _pages -= lastOfPage ? 1 : 0;
        BeginChange();
        _tables.Remove(slot);
        EndChange();
        return new DroppedRecord(IdOf(slot), page, record, lastOfPage);
    }

    /// <summary>
    /// Looks for a record that holds all of a found one and was put before it. It had left by the time of that put, or there would have been nothing to
    /// put: a checkpoint older than both remembers it.
    /// </summary>
    private bool TryFindOlderCover(int file, uint page, in IndexedRecord record, ulong order, out int older)
    {
        older = 0;
        for (int slot = _tables.NextOfPage(file, page, 0); slot != 0; slot = _tables.NextOfPage(file, page, slot))
        {
            ref RecordEntry known = ref _tables.Records[slot];
            if (known.Offset > record.Offset || known.End < record.End)
            {
                continue;
            }

            if (!IsBefore(known.Place, record.Place, order))
            {
                return false;
            }

            older = slot;
        }

        return older != 0;
    }

    private bool IsBefore(RecordPlace known, RecordPlace place, ulong order)
    {
        ulong knownOrder = orders.Get(known.Slot);
        return knownOrder < order || (knownOrder == order && known.Step < place.Step);
    }

    /// <summary>Whether a file has a record that was put later. What is put while the store is open lies in later segments than all that is found.</summary>
    private bool IsOutdated(int file, RecordPlace place, ulong order)
    {
        bool outdated = false;
        for (int slot = _tables.NextOfFile(file, 1); slot != 0 && !outdated; slot = NextOf(file, slot))
        {
            RecordPlace known = _tables.Records[slot].Place;
            outdated = known != place && !IsBefore(known, place, order);
        }

        return outdated;
    }

    private long BytesOf(int file)
    {
        long bytes = 0;
        for (int slot = _tables.NextOfFile(file, 1); slot != 0; slot = NextOf(file, slot))
        {
            bytes += _tables.Records[slot].Length;
        }

        return bytes;
    }

    private long HeldBytes(int file, Func<IndexedRecord, bool> counts)
    {
        long bytes = 0;
        for (int slot = _tables.NextOfFile(file, 1); slot != 0; slot = NextOf(file, slot))
        {
            uint page = _tables.Records[slot].Page;
            bytes += _tables.NextOfPage(file, page, 0) == slot ? HeldBytes(file, page, counts) : 0;
        }

        return bytes;
    }

    /// <summary>Of one page: its records may lie over each other, but begin and end on the grid, or at the end of the file.</summary>
    private int HeldBytes(int file, uint page, Func<IndexedRecord, bool> counts)
    {
        (uint blocks, int cut) = (0, 0);
        for (int slot = _tables.NextOfPage(file, page, 0); slot != 0; slot = _tables.NextOfPage(file, page, slot))
        {
            ref RecordEntry entry = ref _tables.Records[slot];
            if (counts(entry.ToRecord(_tables.Files[file])))
            {
                int first = entry.Offset / PageGeometry.ExtentGrid, end = (entry.End + PageGeometry.ExtentGrid - 1) / PageGeometry.ExtentGrid;
                blocks |= ((1u << end) - 1) & ~((1u << first) - 1);
                cut = Math.Max(cut, (end * PageGeometry.ExtentGrid) - entry.End);
            }
        }

        return (BitOperations.PopCount(blocks) * PageGeometry.ExtentGrid) - cut;
    }

    /// <summary>The record of a file after one, when nothing is removed meanwhile.</summary>
    private int NextOf(int file, int slot) => _tables.Files[file].IsHashed ? _tables.NextOfFile(file, slot + 1) : _tables.Records[slot].Next;

    private bool TrySlot(RecordId id, RecordPlace place, out int slot)
    {
        slot = SlotOf(id);
        return slot > 0 && slot < _tables.Records.End && _tables.Records[slot].File != 0 && _tables.Records[slot].Place == place;
    }

    private (PageKey Page, IndexedRecord Record) Describe(int slot)
    {
        ref RecordEntry entry = ref _tables.Records[slot];
        ref FileEntry file = ref _tables.Files[entry.File];
        return (new PageKey(file.Id, file.Version, entry.Page), entry.ToRecord(file));
    }

    private RecordId IdOf(int slot) => new(((uint)number << SlotBits) | (uint)slot);

    private static int SlotOf(RecordId id) => (int)(id.Value & (RecordEntry.MaxSlots - 1));

    // A full fence: whoever removes a record looks for its pins afterwards, while a reader pins first and looks at the counter afterwards.
    private void BeginChange() => Interlocked.Increment(ref _changes);

    private void EndChange() => Volatile.Write(ref _changes, _changes + 1);
}
