using System.Buffers.Binary;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.PageChannel.SameHost;

/// <summary>How a read from a segment's file ended.</summary>
internal enum SegmentRead
{
    /// <summary>The bytes are the ones that were located.</summary>
    Right,

    /// <summary>The worker has given something back there since: whether the bytes are right nobody knows.</summary>
    Changed,

    /// <summary>The system does not have them in memory, or the disk cannot read them: the worker may.</summary>
    NotInMemory,
}

/// <summary>An open segment of a worker on this host.</summary>
/// <param name="file">For reading only.</param>
/// <param name="now">The caller's clock.</param>
internal sealed class SegmentFile(SafeFileHandle file, long now) : IDisposable
{
    private long _lastUse = now;

    /// <summary>When it was last read, in the caller's clock.</summary>
    public long LastUse => Volatile.Read(ref _lastUse);

    /// <summary>Reads located bytes, and then looks whether they were still what was located. Never waits for more than the epoch's page.</summary>
    /// <param name="location">What was located.</param>
    /// <param name="from">First byte of it that is wanted.</param>
    /// <param name="destination">Filled whole; worthless unless the answer is <see cref="SegmentRead.Right"/>.</param>
    /// <param name="now">The caller's clock.</param>
    public SegmentRead Read(in PageLocation location, int from, Span<byte> destination, long now)
    {
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            Volatile.Write(ref _lastUse, now);
            if (LinuxReads.ReadNow(file, destination, location.Position + from) != destination.Length)
            {
                // Also when the file was cut: then the worker says that it is gone.
                return IsCurrent(location) ? SegmentRead.NotInMemory : SegmentRead.Changed;
            }

            return IsCurrent(location) ? SegmentRead.Right : SegmentRead.Changed;
        }
        catch (ObjectDisposedException)
        {
            return SegmentRead.Changed;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without preadv2.
            return SegmentRead.NotInMemory;
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>Closes the file when the last read has ended.</summary>
    public void Dispose() => file.Dispose();

    private bool IsCurrent(in PageLocation location)
    {
        // Behind the bytes: had they been given back before they were read, the worker's change of the epoch would have come before that.
        Interlocked.MemoryBarrier();
        Span<byte> epoch = stackalloc byte[sizeof(ulong)];
        int count = LinuxReads.ReadNow(file, epoch, location.EpochPosition);
        if (count < 0)
        {
            count = LinuxReads.Read(file, epoch, location.EpochPosition);
        }

        return count == sizeof(ulong) && BinaryPrimitives.ReadUInt64LittleEndian(epoch) == location.Epoch;
    }
}
