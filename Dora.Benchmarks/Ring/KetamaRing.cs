namespace Dora.Benchmarks.Ring;

/// <summary>Virtual nodes: each worker has points on a circle, a key belongs to the next point (Karger et al. 1997, libketama 2007).</summary>
internal sealed class KetamaRing(RingMember[] members, int pointsPerWorker) : IRing
{
    private readonly PointIndex _index = new(members, pointsPerWorker / (double)WorkerDescriptor.DefaultWeight);

    public int Owner(FileId file) => (int)(uint)_index.Successor((uint)(file.High >> 32));

    public double[] ExactShares()
    {
        var shares = new double[members.Length];
        foreach ((double length, int member) in _index.Arcs())
        {
            shares[member] += length;
        }

        return shares;
    }
}
