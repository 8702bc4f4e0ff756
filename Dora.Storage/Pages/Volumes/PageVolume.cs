using System.Security.Cryptography;
using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.SameHost;
using Dora.Storage.Pages.Segments;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>Room for a record that is being written.</summary>
internal readonly record struct Reservation(Segment Segment, long Position, int Size)
{
    public RecordPlace Place => RecordPlace.At(Segment.Slot, Position);
}

/// <summary>
/// One directory: its segments, the room at the end of the newest, and the bytes they take. Never calls the index, so that the index may call it under its
/// locks. Throws <see cref="IOException"/> when the disk refuses.
/// </summary>
internal sealed class PageVolume(StoreContext store, PageDirectory directory, long capacityBytes, IEvictionPolicy policy)
{
    // The file system's own blocks that describe a file in many pieces: one for 340 pieces.
    private const int MapBlock = 4096;
    private const int BytesPerMapBlock = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly SegmentList _segments = new();
    private readonly long _segmentBytes = store.Options.SegmentBytesFor(capacityBytes);
    private Segment? _active;
    private long _records;
    private long _appended;
    private int _punches = 1;

    public PageDirectory Directory { get; } = directory;

    public SpaceLedger Space { get; } = new(capacityBytes);

    public WriteFailures Failures { get; } = new(store.Options, directory.Path, store.Time, store.Logger);

    public VolumeHealth Health { get; } = new(store.Time, store.Options);

    /// <summary>Segments from old to new; a snapshot.</summary>
    public Segment[] Segments => _segments.All;

    /// <summary>Records not given back yet.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Bytes ever appended, in the measure of <see cref="Segment.Base"/>.</summary>
    public long Appended => Interlocked.Read(ref _appended);

    /// <summary>Whether the file system gives parts of files back.</summary>
    public bool CanPunch => Volatile.Read(ref _punches) == 1;

    public long SegmentBytes => _segmentBytes;

    /// <summary>The most bytes that room for a record takes: a new segment's too.</summary>
    public long MostFor(int size) => size + SegmentHeader.Reserved + MapBytes(Math.Max(size, _segmentBytes));

    /// <summary>Decides which of its records go.</summary>
    public IEvictionPolicy Policy { get; } = policy;

    /// <summary>Called with the volume over its high mark.</summary>
    public Action? Filled { get; set; }

    /// <summary>Takes over a segment found at start, or while serving when the directory came back. Recovery holds it until it knows what is inside.</summary>
    public Segment Adopt(ushort slot, in SegmentHeader header, string path, SafeFileHandle file, long allocated, long length)
    {
        lock (_gate)
        {
            var segment = new Segment(this, slot, header, path, file, new SegmentEpochs(store.Device, file, isFromEarlierLife: true))
            {
                Base = _appended,
                Length = length,
                IsSealed = true,
                Holds = 1,
                Booked = BookedAtStart(allocated, length),
            };
            _appended += length;
            _segments.Add(segment);
            store.Segments.Set(segment);
            Space.Book(segment.Booked);
            return segment;
        }
    }

    /// <summary>Promises room for a record at the end of the newest segment.</summary>
    /// <returns>Whether there is room under the cap.</returns>
    public bool TryReserve(int size, out Reservation reservation)
    {
        reservation = default;
        lock (_gate)
        {
            bool fresh = _active is null || (_active.Length + size > _segmentBytes && _active.Length > SegmentHeader.Reserved);
            long extra = fresh ? SegmentHeader.Reserved + MapBytes(Math.Max(size, _segmentBytes)) : 0;
            if (!Space.TryTake(size + extra))
            {
                return false;
            }

            if (fresh && !TryStartSegment(size + extra, extra))
            {
                return false;
            }

            Segment segment = _active!;
            reservation = new Reservation(segment, segment.Length, size);
            segment.BeginWrite(segment.Length);
            segment.Length += size;
            segment.Booked += size;
            segment.Holds++;
            _appended += size;
        }

        if (Space.Used > Space.Cap * store.Options.HighMark)
        {
            Filled?.Invoke();
        }

        return true;
    }

    /// <summary>The record is written and in the index (where it is held), or was discarded.</summary>
    public void EndWrite(in Reservation reservation)
    {
        lock (_gate)
        {
            reservation.Segment.EndWrite(reservation.Position);
            Release(reservation.Segment);
        }
    }

    /// <summary>Takes a promise back whose record will never be; before <see cref="EndWrite"/>.</summary>
    public void Discard(in Reservation reservation)
    {
        Segment segment = reservation.Segment;
        try
        {
            lock (_gate)
            {
                if (segment == _active && segment.Length == reservation.Position + reservation.Size)
                {
                    segment.Epochs.Raise(reservation.Position);
                    store.Device.Cut(segment.File, reservation.Position);
                    segment.Length = reservation.Position;
                    Unbook(segment, reservation.Size);
                    return;
                }
            }

            bool punched = TryPunch(segment, reservation.Position, reservation.Size);
            lock (_gate)
            {
                Unbook(segment, punched ? reservation.Size : 0);
            }
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            // The room stays booked: bytes are counted that the disk may not hold, never the other way round.
            Failures.Add(e);
        }
    }

    /// <summary>A record came into the index.</summary>
    public void Hold(Segment segment, in SegmentEntry entry, int size)
    {
        segment.Records.Add(entry);
        Interlocked.Increment(ref _records);
        lock (_gate)
        {
            segment.Holds++;
            segment.LiveBytes += size;
        }
    }

    /// <summary>Gives the bytes of a record back that left the index and that nobody reads any more.</summary>
    public void Free(Segment segment, RecordPlace place, int size)
    {
        bool punched = false;
        try
        {
            punched = Health.IsGood && TryPunch(segment, place.Position, size);
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            Failures.Add(e);
        }

        segment.Records.Remove(place.Step);
        Interlocked.Decrement(ref _records);
        lock (_gate)
        {
            segment.LiveBytes -= size;
            Unbook(segment, punched ? size : 0);
            Release(segment);
        }
    }

    /// <summary>Gives the bytes of a record back that a scan found and the index does not want.</summary>
    public void FreeUnknown(Segment segment, RecordPlace place, int size)
    {
        try
        {
            bool punched = TryPunch(segment, place.Position, size);
            lock (_gate)
            {
                Unbook(segment, punched ? size : 0);
            }
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            Failures.Add(e);
        }
    }

    /// <summary>Ends one hold on a segment.</summary>
    public void Unhold(Segment segment)
    {
        lock (_gate)
        {
            Release(segment);
        }
    }

    /// <summary>Holds a segment, if it is listed still.</summary>
    public bool TryHold(Segment segment)
    {
        lock (_gate)
        {
            bool listed = Array.IndexOf(_segments.All, segment) >= 0;
            segment.Holds += listed ? 1 : 0;
            return listed;
        }
    }

    /// <summary>Up to where every record of a segment is in the index, or was.</summary>
    public long CoveredTo(Segment segment)
    {
        lock (_gate)
        {
            return segment.CoveredTo;
        }
    }

    /// <summary>The next put starts a segment.</summary>
    public void Seal()
    {
        lock (_gate)
        {
            if (_active is { } active)
            {
                SealActive();
                Retry(active);
            }
        }
    }

    /// <summary>Tries again what the disk refused: to remove files that nobody needs.</summary>
    public void RetryRetire()
    {
        foreach (Segment segment in Segments)
        {
            lock (_gate)
            {
                Retry(segment);
            }
        }
    }

    /// <summary>Deletes a segment at start, before anything is known of it.</summary>
    public void Drop(Segment segment)
    {
        lock (_gate)
        {
            segment.Holds = 0;
            Retry(segment);
        }
    }

    /// <summary>Lets go of all files; they stay.</summary>
    public void Close()
    {
        lock (_gate)
        {
            foreach (Segment segment in _segments.All)
            {
                segment.IsSealed = true;
                segment.Close();
            }

            _active = null;
        }
    }

    /// <summary>What the ledger books for a segment found at start.</summary>
    public static long BookedAtStart(long allocated, long length) => allocated + MapBytes(length);

    private static long MapBytes(long length) => MapBlock * (2 + (length / BytesPerMapBlock));

    private bool TryStartSegment(long taken, long booked)
    {
        if (_active is { } full)
        {
            SealActive();
            Retry(full);
        }

        if (store.Segments.TryTake() is not { } slot)
        {
            Space.Book(-taken);
            return false;
        }

        var header = new SegmentHeader(store.NextSequence(), Directory.Id, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        string path = Directory.SegmentPath(header.Sequence);
        try
        {
            SafeFileHandle file = CreateFile(path, header);
            var epochs = new SegmentEpochs(store.Device, file, isFromEarlierLife: false);
            var segment = new Segment(this, slot, header, path, file, epochs) { Base = _appended, Booked = booked };
            _appended += SegmentHeader.Reserved;
            _segments.Add(segment);
            store.Segments.Set(segment);
            _active = segment;
            return true;
        }
        catch
        {
            Space.Book(-taken);
            store.Segments.Free(slot);
            throw;
        }
    }

    private SafeFileHandle CreateFile(string path, in SegmentHeader header)
    {
        SafeFileHandle file = store.Device.Create(path);
        try
        {
            Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
            header.Write(bytes);
            store.Device.Write(file, bytes, 0);
            return file;
        }
        catch
        {
            file.Dispose();
            store.Device.Delete(path);
            throw;
        }
    }

    private void SealActive()
    {
        _active!.IsSealed = true;
        _active.Records.Trim();
        _active = null;
    }

    /// <summary>A hold went; the last one takes the file along.</summary>
    private void Release(Segment segment)
    {
        segment.Holds--;
        Retry(segment);
    }

    private void Retry(Segment segment)
    {
        if (!segment.IsSealed || segment.IsWritten)
        {
            return;
        }

        if (segment.Holds > 0)
        {
            Unbook(segment, 0);
            return;
        }

        try
        {
            // First the name: when the disk refuses that, nothing has changed.
            if (Health.IsGood)
            {
                store.Device.Delete(segment.Path);
            }
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            Failures.Add(e);
            return;
        }

        if (_segments.Remove(segment))
        {
            Empty(segment);
            segment.Close();
            Space.Book(-segment.Booked);
            segment.Booked = 0;
            store.Segments.Free(segment.Slot);
        }
    }

    /// <summary>Takes the bytes of a deleted segment away from other processes that have it open: its space is the worker's, not theirs.</summary>
    private void Empty(Segment segment)
    {
        try
        {
            if (Health.IsGood)
            {
                store.Device.Cut(segment.File, 0);
            }
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            // Then the last one that closes it frees them.
            Failures.Add(e);
        }
    }

    /// <summary>Books less for a segment: what the disk says where nothing is being written, else what was punched.</summary>
    private void Unbook(Segment segment, long punched)
    {
        long now = segment.Booked - punched;
        if (segment.IsSealed && !segment.IsWritten && Health.IsGood)
        {
            try
            {
                now = store.Device.AllocatedBytes(segment.File) + MapBytes(segment.Length);
            }
            catch (Exception e) when (DiskErrors.IsFromDisk(e) || e is ObjectDisposedException)
            {
                // Stays as booked.
            }
        }

        Space.Book(now - segment.Booked);
        segment.Booked = now;
    }

    /// <summary>Gives bytes back, or where that is impossible says on disk that the record is dead.</summary>
    private bool TryPunch(Segment segment, long position, int size)
    {
        segment.Epochs.Raise(position);
        if (CanPunch && store.Device.TryPunch(segment.File, position, size))
        {
            return true;
        }

        if (Interlocked.Exchange(ref _punches, 0) == 1)
        {
            store.Logger.NoHoles(Directory.Path);
        }

        Span<byte> dead = stackalloc byte[RecordHeader.Size];
        dead.Clear();
        store.Device.Write(segment.File, dead, position);
        return false;
    }
}
