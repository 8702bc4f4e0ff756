using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Dora;

/// <summary>
/// A member's own order of the slots: a keyed bijection between steps and slots, cheap both ways. Steps are the order in which the member reaches
/// the slots; see <see cref="WorkerRing"/>. Every number here decides who owns what: frozen by a golden test.
/// </summary>
internal readonly struct SlotWalk
{
    /// <summary>Slots are numbered in this many bits.</summary>
    internal const int Bits = 20;

    /// <summary>How many slots there are.</summary>
    internal const int Slots = 1 << Bits;

    private const uint Mask = Slots - 1;

    // A shift of at least half the bits makes x ^ (x >> shift) its own inverse.
    private const int Fold = (Bits + 1) / 2;

    private readonly uint _start;
    private readonly uint _middle;
    private readonly uint _end;
    private readonly uint _first;
    private readonly uint _second;
    private readonly uint _firstInverse;
    private readonly uint _secondInverse;

    /// <summary>Derives the order from the id alone.</summary>
    internal SlotWalk(WorkerId id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id.Value), hash);
        _start = BinaryPrimitives.ReadUInt32LittleEndian(hash);
        _middle = BinaryPrimitives.ReadUInt32LittleEndian(hash[4..]);
        _end = BinaryPrimitives.ReadUInt32LittleEndian(hash[8..]);
        _first = BinaryPrimitives.ReadUInt32LittleEndian(hash[12..]) | 1;
        _second = BinaryPrimitives.ReadUInt32LittleEndian(hash[16..]) | 1;
        _firstInverse = Inverse(_first);
        _secondInverse = Inverse(_second);
    }

    /// <summary>The slot reached at a step.</summary>
    internal int Slot(int step)
    {
        uint x = (((uint)step + _start) * _first) & Mask;
        x = (((x ^ (x >> Fold)) + _middle) * _second) & Mask;
        return (int)(((x ^ (x >> Fold)) + _end) & Mask);
    }

    /// <summary>The step at which a slot is reached: the inverse of <see cref="Slot"/>.</summary>
    internal int Step(int slot)
    {
        uint x = ((uint)slot - _end) & Mask;
        x = (((x ^ (x >> Fold)) * _secondInverse) - _middle) & Mask;
        return (int)((((x ^ (x >> Fold)) * _firstInverse) - _start) & Mask);
    }

    /// <summary>The multiplicative inverse of an odd number modulo 2^32; each turn doubles the right bits.</summary>
    private static uint Inverse(uint odd)
    {
        uint inverse = odd;
        for (int i = 0; i < 4; i++)
        {
            inverse *= 2 - (odd * inverse);
        }

        return inverse;
    }
}
