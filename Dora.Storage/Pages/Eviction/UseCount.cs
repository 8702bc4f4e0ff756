namespace Dora.Storage.Pages.Eviction;

/// <summary>
/// The state byte of the frequency policy: how often a record was used (low half, 0 to 15), and when last (high half: a coarse clock modulo 16). Uses within one tick of
/// the clock count once, so a page that is read in small pieces has been used once, and the byte of a busy page is written once per tick. Updates race and may be
/// lost: it is a hint.
/// </summary>
internal static class UseCount
{
    internal const int Max = 15;
    internal const int ClockMask = 15;

    internal static byte New(int count, int tick) => (byte)((tick << 4) | count);

    internal static int Of(byte state) => state & Max;

    internal static void Hit(ref byte state, int tick)
    {
        byte seen = state;
        if (seen >> 4 != tick)
        {
            state = New(Math.Min((seen & Max) + 1, Max), tick);
        }
    }

    internal static void Set(ref byte state, int count) => state = New(count, state >> 4);

    internal static void Halve(ref byte state) => state = New((state & Max) >> 1, state >> 4);

    /// <summary>Ticks since the last use; from a limit on the record is kept at the limit.</summary>
    internal static int HoldIdle(ref byte state, int tick, int limit)
    {
        byte seen = state;
        int idle = (tick - (seen >> 4)) & ClockMask;
        if (idle > limit)
        {
            state = New(seen & Max, (tick - limit) & ClockMask);
        }

        return Math.Min(idle, limit);
    }
}
