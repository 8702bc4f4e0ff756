using System.Numerics;

namespace Dora;

/// <summary>
/// When a member of weight w reaches its step k: -log2(1 - (k + 1/2) / slots) / w, an exponentially distributed time, so that the first to reach a slot
/// is each member with a chance in proportion to its weight. Integer arithmetic only: every machine gets the same bits.
/// </summary>
internal static class ArrivalTime
{
    private const int FractionBits = 26;
    private const int TableBits = 11;

    private static readonly uint[] Log2Table = MakeTable();

    /// <summary>What <see cref="Of"/> takes for a weight.</summary>
    internal static ulong Slowness(int weight) => (1UL << 32) / (uint)weight;

    /// <summary>The arrival time: less than 2^63, growing with the step.</summary>
    internal static ulong Of(int step, ulong slowness) =>
        ((ulong)((SlotWalk.Bits + 1) << FractionBits) - Log2((uint)((2 * SlotWalk.Slots) - (2 * step) - 1))) * slowness;

    /// <summary>The time at which members of a total weight have, on average, left 2^-halvings of the slots unreached.</summary>
    internal static ulong After(double halvings, long totalWeight) => (ulong)(halvings / totalWeight * (1UL << (FractionBits + 32)));

    /// <summary>How many steps a member has made by a time.</summary>
    internal static int StepsUntil(ulong time, ulong slowness)
    {
        int low = 0, high = SlotWalk.Slots;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Of(middle, slowness) <= time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Logarithm of 1 to 2^32 - 1 in units of 2^-26: exponent, table of 2^11 mantissas, linear in between.</summary>
    private static uint Log2(uint x)
    {
        int exponent = BitOperations.Log2(x);
        uint mantissa = x << (31 - exponent);
        int index = (int)((mantissa >> (31 - TableBits)) & ((1 << TableBits) - 1));
        ulong between = mantissa & ((1u << (31 - TableBits)) - 1);
        uint low = Log2Table[index], high = Log2Table[index + 1];
        return ((uint)exponent << FractionBits) + low + (uint)(((high - low) * between) >> (31 - TableBits));
    }

    /// <summary>log2(1 + i / 2^11): one bit of the result per squaring.</summary>
    private static uint[] MakeTable()
    {
        var table = new uint[(1 << TableBits) + 1];
        for (int i = 0; i < 1 << TableBits; i++)
        {
            ulong z = (1UL << 31) + ((ulong)i << (31 - TableBits));
            for (int bit = 0; bit < FractionBits; bit++)
            {
                z = (z * z) >> 31;
                bool isTwoOrMore = z >= 1UL << 32;
                table[i] = (table[i] << 1) | (isTwoOrMore ? 1u : 0u);
                z >>= isTwoOrMore ? 1 : 0;
            }
        }

        table[1 << TableBits] = 1u << FractionBits;
        return table;
    }
}
