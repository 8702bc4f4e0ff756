using Dora.Core.Linux;
using Dora.Storage.Pages.SameHost;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Segments;

/// <summary>
/// One append-only file. It lives as long as it holds records that somebody may read, or something else holds it: a writer, recovery until it knows what is
/// inside. What can change is guarded by its volume's lock.
/// </summary>
internal sealed class Segment(PageVolume volume, ushort slot, in SegmentHeader header, string path, SafeFileHandle file, SegmentEpochs epochs)
{
    private readonly List<long> _writing = [];
    private MappedFile? _mapping;
    private int _isMappingTried;

    public PageVolume Volume { get; } = volume;

    /// <summary>Its number in the store's table.</summary>
    public ushort Slot { get; } = slot;

    /// <summary>Grows with every segment of the store: the order of eviction and of recovery.</summary>
    public ulong Sequence { get; } = header.Sequence;

    public ulong Salt { get; } = header.Salt;

    public string Path { get; } = path;

    public SafeFileHandle File { get; } = file;

    /// <summary>The file in memory, made when it is first asked for and living as long as the file; <see langword="null"/>: there is none.</summary>
    public MappedFile? Mapping => Volatile.Read(ref _mapping) ?? Map();

    public SegmentRecords Records { get; } = new();

    /// <summary>What readers of the file in other processes compare.</summary>
    public SegmentEpochs Epochs { get; } = epochs;

    /// <summary>Its name for them: 48 random bits that came with the file, and the slot. No other file has it, of this store and this life or another.</summary>
    public ulong Key { get; } = ((header.Salt * 0x9E3779B97F4A7C15) & ~(ulong)ushort.MaxValue) | slot;

    /// <summary>The slot in a <see cref="Key"/>.</summary>
    public static ushort SlotOf(ulong key) => (ushort)key;

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

    /// <summary>Closes the file. A send that runs keeps what it needs.</summary>
    public void Close()
    {
        File.Dispose();
        Volatile.Read(ref _mapping)?.Dispose();
    }

    public void BeginWrite(long position) => _writing.Add(position);

    public void EndWrite(long position) => _writing.Remove(position);

    private MappedFile? Map()
    {
        if (Interlocked.Exchange(ref _isMappingTried, 1) == 0)
        {
            // Whole, though the file still grows; a last record may reach beyond and is not sent from here.
            Volatile.Write(ref _mapping, MappedFile.TryMap(File, Math.Max(Volume.SegmentBytes, Length)));
        }

        return Volatile.Read(ref _mapping);
    }
}
