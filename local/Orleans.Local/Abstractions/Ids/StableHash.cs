namespace Orleans.Runtime;

/// <summary>FNV-1a with a final avalanche: the same on every silo, in every process.</summary>
internal static class StableHash
{
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
            hash = (hash ^ b) * 1099511628211UL;
        return (uint)(Mix(hash) >> 32);
    }

    public static uint Combine(uint left, uint right) => (uint)(Mix(((ulong)left << 32) | right) >> 32);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdUL;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return value ^ (value >> 33);
    }
}
