namespace Dora.Benchmarks.Ring;

/// <summary>
/// Multi-probe consistent hashing (Appleton and O'Reilly 2015): a key tries several places of the circle and belongs to the point that is
/// nearest after any of them. However long an arc is, its owner's share stays below probes / (probes - 1) of the mean.
/// </summary>
internal sealed class MultiProbeRing(RingMember[] members, int probes, int pointsPerWorker, int bucketsPerPoint = 2) : IRing
{
    private readonly PointIndex _index = new(members, pointsPerWorker / (double)WorkerDescriptor.DefaultWeight, bucketsPerPoint);

    public int Owner(FileId file)
    {
        ulong place = file.High, step = file.Low | 1;
        ulong best = ulong.MaxValue;
        for (int probe = 0; probe < probes; probe++)
        {
            best = Math.Min(best, _index.Successor((uint)(place >> 32)));
            place += step;
        }

        return (int)(uint)best;
    }

    // The shares are those of independent probes; the real ones are an arithmetic progression, which is cheaper and nearly as good.
    public double ShareTolerance => 0.05;

    public double[] ExactShares() => MultiProbeShares.Of(_index.Arcs(), members.Length, probes);
}
