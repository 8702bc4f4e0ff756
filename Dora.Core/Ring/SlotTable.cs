using System.Numerics;

namespace Dora;

/// <summary>Finds the owner of every slot; see <see cref="WorkerRing"/>.</summary>
internal static class SlotTable
{
    // How far all members walk between two looks at what is settled, in halvings of the free slots.
    private const double Stride = 0.25;

    /// <summary>The index of the member that reaches each slot first; of two at one time the smaller index.</summary>
    /// <remarks>
    /// Asking every member about every slot would take members × slots questions. Instead all members walk their orders side by side, a stride of
    /// time after another; slots taken in an earlier stride are settled. When about one slot per member of every slots is left, the rest
    /// is asked for. That is about slots × (1 + ln members) cheap steps.
    /// </remarks>
    internal static ushort[] Build(ReadOnlySpan<SlotWalk> walks, ReadOnlySpan<ulong> slowness, long totalWeight)
    {
        var owner = new ushort[SlotWalk.Slots];
        if (walks.Length == 1)
        {
            return owner;
        }

        var steps = new int[SlotWalk.Slots];
        var settled = new ulong[SlotWalk.Slots / 64];
        var taken = new ulong[SlotWalk.Slots / 64];
        var made = new int[walks.Length];
        int free = SlotWalk.Slots;
        for (double halvings = Stride; free > SlotWalk.Slots / walks.Length && halvings < SlotWalk.Bits; halvings += Stride)
        {
            ulong until = ArrivalTime.After(halvings, totalWeight);
            for (int member = 0; member < walks.Length; member++)
            {
                int last = ArrivalTime.StepsUntil(until, slowness[member]);
                for (int step = made[member]; step < last; step++)
                {
                    int slot = walks[member].Slot(step);
                    ulong bit = 1UL << slot;
                    if ((settled[slot >> 6] & bit) != 0)
                    {
                        continue;
                    }

                    bool isTaken = (taken[slot >> 6] & bit) != 0;
                    if (!isTaken || ArrivalTime.Of(step, slowness[member]) < ArrivalTime.Of(steps[slot], slowness[owner[slot]]))
                    {
                        (owner[slot], steps[slot]) = ((ushort)member, step);
                        taken[slot >> 6] |= bit;
                        free -= isTaken ? 0 : 1;
                    }
                }

                made[member] = last;
            }

            taken.CopyTo(settled, 0);
        }

        AskForTheRest(walks, slowness, owner, taken);
        return owner;
    }

    /// <summary>The member, not among <paramref name="excluded"/>, that reaches a slot first.</summary>
    internal static int First(ReadOnlySpan<SlotWalk> walks, ReadOnlySpan<ulong> slowness, int slot, ReadOnlySpan<int> excluded)
    {
        int first = -1;
        ulong earliest = ulong.MaxValue;
        for (int member = 0; member < walks.Length; member++)
        {
            ulong time = ArrivalTime.Of(walks[member].Step(slot), slowness[member]);
            if (time < earliest && !excluded.Contains(member))
            {
                (first, earliest) = (member, time);
            }
        }

        return first;
    }

    private static void AskForTheRest(ReadOnlySpan<SlotWalk> walks, ReadOnlySpan<ulong> slowness, ushort[] owner, ulong[] taken)
    {
        for (int word = 0; word < taken.Length; word++)
        {
            for (ulong left = ~taken[word]; left != 0; left &= left - 1)
            {
                int slot = (word << 6) + BitOperations.TrailingZeroCount(left);
                owner[slot] = (ushort)First(walks, slowness, slot, []);
            }
        }
    }
}
