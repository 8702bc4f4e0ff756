using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dora.Storage.Metadata;

/// <summary>
/// Fifteen entries in 512 bytes: a head of 32 with their tags, looked at by one comparison, then the entries. So a lookup touches two cache lines, and one more in the
/// second set. Each entry has a counter of uses, 0 to 3: one bit in the head, one in the entry.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MemorySet
{
    public const int Ways = 15;
    public const int Size = 512;

    private Head _head; // fifteen tags, then the lower bits of the counters
    private Entries _entries;

    /// <summary>The entry at a way that <see cref="Find"/> returned.</summary>
    [UnscopedRef]
    public readonly ref readonly PackedMetadata this[int way] => ref _entries[way];

    /// <returns>The way of the entry, or -1.</returns>
    public readonly int Find(in MemoryKey key)
    {
        for (uint same = Matches(key.Tag) & Taken; same != 0; same &= same - 1)
        {
            int way = BitOperations.TrailingZeroCount(same);
            if (_entries[way].Is(key))
            {
                return way;
            }
        }

        return -1;
    }

    /// <summary>Entries that are there, among the first <paramref name="ways"/>.</summary>
    public readonly int Count(int ways) => ways - BitOperations.PopCount(Matches(0) & ((1u << ways) - 1));

    public readonly bool IsTaken(int way) => _head[way] != 0;

    public readonly ushort Tag(int way) => _head[way];

    public readonly int Uses(int way) => ((_head[Ways] >> way) & 1) | (_entries[way].Use ? 2 : 0);

    public void SetUses(int way, int uses)
    {
        _head[Ways] = (ushort)((_head[Ways] & ~(1 << way)) | ((uses & 1) << way));
        bool upper = (uses & 2) != 0;
        if (_entries[way].Use != upper)
        {
            _entries[way] = _entries[way].WithUse(upper);
        }
    }

    /// <summary>An empty way among the first <paramref name="ways"/>, or -1.</summary>
    public readonly int FindEmpty(int ways)
    {
        uint empty = Matches(0) & ((1u << ways) - 1);
        return empty == 0 ? -1 : BitOperations.TrailingZeroCount(empty);
    }

    public void Write(int way, ushort tag, in PackedMetadata entry, int uses)
    {
        _head[way] = tag;
        _entries[way] = entry;
        SetUses(way, uses);
    }

    public void Remove(int way)
    {
        _head[way] = 0;
        SetUses(way, 0);
    }

    private const uint Taken = (1u << Ways) - 1;

    /// <summary>One bit per way whose tag is this one; the highest of the sixteen is no way and means nothing.</summary>
    private readonly uint Matches(ushort tag)
    {
        ref ushort tags = ref Unsafe.As<Head, ushort>(ref Unsafe.AsRef(in _head));
        var wanted = Vector128.Create(tag);
        uint low = Vector128.Equals(Vector128.LoadUnsafe(ref tags), wanted).ExtractMostSignificantBits();
        uint high = Vector128.Equals(Vector128.LoadUnsafe(ref tags, 8), wanted).ExtractMostSignificantBits();
        return low | (high << 8);
    }

    [InlineArray(16)]
    private struct Head
    {
        private ushort _first;
    }

    [InlineArray(Ways)]
    private struct Entries
    {
        private PackedMetadata _first;
    }
}
