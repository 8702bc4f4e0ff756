using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>
/// One append-only file. Counts who uses it: the store holds one reference while the segment is listed, every read, write and lease one
/// more. The handle closes, and the bytes are free, when the last one goes; a segment may be unlinked long before.
/// </summary>
internal sealed class Segment(ulong sequence, string path, SafeFileHandle file, Action<Segment> closed) : IPageLeaseOwner
{
    private int _references = 1;

    /// <summary>Grows with every segment: the order of eviction and of recovery.</summary>
    public ulong Sequence { get; } = sequence;

    public string Path { get; } = path;

    public SafeFileHandle File { get; } = file;

    /// <summary>Bytes written or promised to writers: the disk never holds more. Guarded by the store's lock.</summary>
    public long Length { get; set; } = SegmentHeader.Size;

    /// <summary>Bytes of records that the index names. Guarded by the store's lock.</summary>
    public long LiveBytes { get; set; }

    /// <summary>The records that were put here, dead ones included. Guarded by the store's lock.</summary>
    public List<PageRecord> Records { get; } = [];

    /// <summary>Whether anyone but the store's list uses it.</summary>
    public bool IsUsed => Volatile.Read(ref _references) > 1;

    /// <summary>Adds a reference, unless the last one is gone.</summary>
    public bool TryAcquire()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            File.Dispose();
            closed(this);
        }
    }
}
