using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>
/// The segments of a store and the bytes they take: hands out room at the end of the newest one, and makes room by dropping whole old ones.
/// Every member but <see cref="Bytes"/> needs the store's lock. Throws <see cref="IOException"/> when the disk refuses.
/// </summary>
internal sealed class SegmentLog(PageDirectory directory, IPageDevice device, PageIndex index, long capacityBytes, long segmentBytes)
{
    private readonly List<Segment> _segments = [];
    private Segment? _active;
    private ulong _nextSequence = 1;
    private long _bytes;

    /// <summary>Bytes of disk: what is written, what writers were promised, and unlinked segments that are still used. Never more than the capacity.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Pages dropped to make room.</summary>
    public long Evicted { get; private set; }

    public int Count => _segments.Count;

    /// <summary>Takes over a segment found at start; segments come in order of their sequence.</summary>
    public void Adopt(Segment segment)
    {
        _segments.Add(segment);
        _active = segment.Length < segmentBytes ? segment : null;
        _nextSequence = segment.Sequence + 1;
        Interlocked.Add(ref _bytes, segment.Length);
    }

    /// <summary>A segment object whose bytes are given back when its last user goes.</summary>
    public Segment Wrap(ulong sequence, string path, SafeFileHandle file) =>
        new(sequence, path, file, closed => Interlocked.Add(ref _bytes, -closed.Length));

    /// <summary>Promises room for a record; the segment comes with a reference for the writer.</summary>
    /// <returns>Whether there is room; not when everything that could go is in use, or the record is larger than the capacity.</returns>
    public bool TryReserve(int size, out Segment segment, out long position)
    {
        (segment, position) = (null!, 0);
        if (!MakeRoom(size + SegmentHeader.Size))
        {
            return false;
        }

        if (_active is null || (_active.Length + size > segmentBytes && _active.Length > SegmentHeader.Size))
        {
            _active = Create();
        }

        segment = _active;
        segment.TryAcquire();
        position = segment.Length;
        segment.Length += size;
        Interlocked.Add(ref _bytes, size);
        return true;
    }

    /// <summary>Takes back a promise whose bytes could not be written, when nothing was promised behind it.</summary>
    public bool TryUnreserve(Segment segment, long position, int size)
    {
        if (segment.Length != position + size)
        {
            return false;
        }

        device.Cut(segment.File, position);
        segment.Length = position;
        Interlocked.Add(ref _bytes, -size);
        return true;
    }

    /// <summary>Drops segments, the least useful first, until this many bytes more fit under the cap.</summary>
    public bool MakeRoom(long bytes)
    {
        if (bytes > capacityBytes)
        {
            return false;
        }

        while (Bytes + bytes > capacityBytes)
        {
            if (ChooseVictim() is not { } victim)
            {
                return false;
            }

            Retire(victim);
        }

        return true;
    }

    /// <summary>Drops segments that hold nothing any more, unless somebody uses them; those are the first victims later.</summary>
    public void RetireEmpty(IReadOnlyList<Segment> emptied)
    {
        foreach (Segment segment in emptied)
        {
            if (segment.LiveBytes == 0 && !segment.IsUsed && _segments.Contains(segment))
            {
                Retire(segment);
            }
        }
    }

    /// <summary>Lets go of all segments; the files stay.</summary>
    public void Close()
    {
        _segments.ForEach(static s => s.Release());
        _segments.Clear();
        _active = null;
    }

    /// <summary>First in, first out; but a full segment that is mostly dead goes before all, for it costs the least.</summary>
    private Segment? ChooseVictim()
    {
        Segment? oldest = null;
        Segment? deadest = null;
        foreach (Segment segment in _segments)
        {
            if (segment.IsUsed)
            {
                continue;
            }

            oldest ??= segment;
            if (segment != _active && segment.LiveBytes * 2 < segment.Length && (deadest is null || segment.LiveBytes < deadest.LiveBytes))
            {
                deadest = segment;
            }
        }

        return deadest ?? oldest;
    }

    private void Retire(Segment segment)
    {
        // First the name: when the disk refuses that, nothing has changed.
        device.Delete(segment.Path);
        _segments.Remove(segment);
        _active = _active == segment ? null : _active;
        foreach (PageRecord record in segment.Records)
        {
            Evicted += index.Remove(record) ? 1 : 0;
        }

        segment.Release();
    }

    private Segment Create()
    {
        ulong sequence = _nextSequence++;
        string path = directory.SegmentPath(sequence);
        SafeFileHandle file = device.Create(path);
        try
        {
            Span<byte> header = stackalloc byte[SegmentHeader.Size];
            SegmentHeader.Write(header, sequence);
            device.Write(file, header, 0);
        }
        catch
        {
            file.Dispose();
            device.Delete(path);
            throw;
        }

        Segment segment = Wrap(sequence, path, file);
        _segments.Add(segment);
        Interlocked.Add(ref _bytes, segment.Length);
        return segment;
    }
}
