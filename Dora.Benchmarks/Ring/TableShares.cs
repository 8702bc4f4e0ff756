namespace Dora.Benchmarks.Ring;

/// <summary>Exact shares of algorithms that map equal slots to members.</summary>
internal static class TableShares
{
    internal static double[] Of(ReadOnlySpan<ushort> table, int members)
    {
        var shares = new double[members];
        foreach (ushort member in table)
        {
            shares[member] += 1.0 / table.Length;
        }

        return shares;
    }
}
