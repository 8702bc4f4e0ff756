using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>
/// One append-only file. It lives as long as it holds records that somebody may read, or something else holds it: a writer, recovery until it knows what is
/// inside. What can change is guarded by its volume's lock.
/// </summary>
internal sealed class Segment(PageVolume volume, ushort slot, in SegmentHeader header, string path, SafeFileHandle file)
{
    private readonly List<long> _writing = [];

    public PageVolume Volume { get; } = volume;

    /// <summary>Its number in the store's table.</summary>
    public ushort Slot { get; } = slot;

    /// <summary>Grows with every segment of the store: the order of eviction and of recovery.</summary>
    public ulong Sequence { get; } = header.Sequence;

    public ulong Salt { get; } = header.Salt;

    public string Path { get; } = path;

    public SafeFileHandle File { get; } = file;

    public SegmentRecords Records { get; } = new();

    /// <summary>Bytes that were appended to the volume before it: only differences mean something.</summary>
    public long Base { get; init; }

    /// <summary>Where the next record goes.</summary>
    public long Length { get; set; } = SegmentHeader.Reserved;

    /// <summary>Bytes the ledger has booked for it: never less than what the file takes.</summary>
    public long Booked { get; set; }

    /// <summary>Bytes of records that were not given back yet.</summary>
    public long LiveBytes { get; set; }

    /// <summary>Records not given back yet, and whoever else needs the file.</summary>
    public int Holds { get; set; }

    /// <summary>No more records come.</summary>
    public bool IsSealed { get; set; }

    /// <summary>Whether writes are under way.</summary>
    public bool IsWritten => _writing.Count > 0;

    /// <summary>All records below are in the index, or were and left.</summary>
    public long CoveredTo
    {
        get
        {
            long covered = Length;
            foreach (long position in _writing)
            {
                covered = Math.Min(covered, position);
            }

            return covered;
        }
    }

    public void BeginWrite(long position) => _writing.Add(position);

    public void EndWrite(long position) => _writing.Remove(position);
}
