namespace Dora.Benchmarks.Ring;

/// <summary>
/// Weighted rendezvous (Thaler and Ravishankar 1998, weights after Schindelhauer and Schomaker 2005): every worker draws an exponential time for
/// the key, the earliest wins. Perfect shares and moves; every lookup asks every worker.
/// </summary>
internal sealed class RendezvousRing(RingMember[] members) : IRing
{
    private readonly ulong[] _seeds = [.. members.Select(static m => Hash.Seeds(m.Id).First)];
    private readonly double[] _perWeight = [.. members.Select(static m => 1.0 / m.Weight)];

    public int Owner(FileId file)
    {
        int best = -1;
        double bestTime = double.PositiveInfinity;
        for (int i = 0; i < _seeds.Length; i++)
        {
            double time = -Math.Log(((Hash.Mix(file.High ^ _seeds[i]) >> 11) + 1) * (1.0 / (1UL << 53))) * _perWeight[i];
            (best, bestTime) = time < bestTime ? (i, time) : (best, bestTime);
        }

        return best;
    }

    public double[] ExactShares()
    {
        double total = members.Sum(static m => (double)m.Weight);
        return [.. members.Select(m => m.Weight / total)];
    }
}
