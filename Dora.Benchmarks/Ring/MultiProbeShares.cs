namespace Dora.Benchmarks.Ring;

/// <summary>
/// The share of the key space of each member under multi-probe hashing with independent probes. With F(d) the chance that one probe is at
/// most d before its next point, a point that ends an arc of length a wins with density K (1 - F(d))^(K-1) at each distance d up to a.
/// F is linear between arc lengths (its slope is the number of longer arcs), so the integral is a sum with no approximation.
/// </summary>
internal static class MultiProbeShares
{
    internal static double[] Of((double Length, int Member)[] arcs, int members, int probes)
    {
        Array.Sort(arcs);
        var shares = new double[members];
        double distance = 0, covered = 0, chance = 0;
        for (int i = 0; i < arcs.Length; i++)
        {
            int longer = arcs.Length - i;
            double nowCovered = covered + ((arcs[i].Length - distance) * longer);
            chance += (Math.Pow(1 - covered, probes) - Math.Pow(Math.Max(0, 1 - nowCovered), probes)) / longer;
            (distance, covered) = (arcs[i].Length, nowCovered);
            shares[arcs[i].Member] += chance;
        }

        return shares;
    }
}
