using System.Numerics;

namespace Dora.Storage.Pages.Eviction;

/// <summary>
/// How often pages were used that are not cached any more. Two bytes each: 12 bits of the page's hash, 4 bits of count; in sets of eight, newest first. A full
/// set forgets its least used, oldest page. A wrong match (1 look-up in 500) is a hint gone wrong, nothing more.
/// </summary>
internal sealed class GhostTable
{
    private const int Ways = 8;
    private const int CountBits = 4;
    private const int MaxCount = (1 << CountBits) - 1;

    private readonly ushort[] _entries;
    private readonly uint _setMask;

    /// <param name="pages">Pages to remember, at least; rounded up to a power of two.</param>
    internal GhostTable(long pages)
    {
        uint sets = BitOperations.RoundUpToPowerOf2((uint)Math.Clamp((pages + Ways - 1) / Ways, 8, 1 << 26));
        _entries = new ushort[sets * Ways];
        _setMask = sets - 1;
    }

    /// <summary>Pages it can remember.</summary>
    internal int Capacity => _entries.Length;

    internal static ulong Hash(in PageKey page)
    {
        ulong hash = page.File.Low ^ (page.Version.Value * 0x9E3779B97F4A7C15) ^ ((ulong)page.Index * 0xD6E8FEB86659FD93);
        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
        return hash ^ (hash >> 29);
    }

    /// <summary>Remembers a page.</summary>
    internal void Add(ulong hash, int count)
    {
        Span<ushort> set = Set(hash);
        int tag = Tag(hash);
        int place = 0;
        int least = int.MaxValue;
        for (int i = 0; i < Ways; i++)
        {
            int value = set[i] == 0 ? -1 : TagOf(set[i]) == tag ? -2 : CountOf(set[i]);
            if (value <= least)
            {
                (place, least) = (i, value);
            }
        }

        set[..place].CopyTo(set[1..]);
        set[0] = (ushort)((tag << CountBits) | Math.Min(count, MaxCount));
    }

    /// <summary>How often a page was used; 0 when it is not known.</summary>
    internal int CountOf(ulong hash)
    {
        int tag = Tag(hash);
        foreach (ushort entry in Set(hash))
        {
            if (TagOf(entry) == tag)
            {
                return CountOf(entry);
            }
        }

        return 0;
    }

    /// <summary>Halves all counts.</summary>
    internal void Halve()
    {
        foreach (ref ushort entry in _entries.AsSpan())
        {
            entry = (ushort)((entry & ~MaxCount) | (CountOf(entry) >> 1));
        }
    }

    private static int TagOf(ushort entry) => entry >> CountBits;

    private static int CountOf(ushort entry) => entry & MaxCount;

    private Span<ushort> Set(ulong hash) => _entries.AsSpan((int)((uint)hash & _setMask) * Ways, Ways);

    // Never 0, which is an empty entry.
    private static int Tag(ulong hash) => Math.Max(1, (int)(hash >> 52));
}
