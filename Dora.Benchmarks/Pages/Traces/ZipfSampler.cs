namespace Dora.Benchmarks.Pages.Traces;

/// <summary>Draws ranks 0 … n-1 with probability proportional to 1 / (rank + 1)^skew, from the exact distribution.</summary>
internal sealed class ZipfSampler
{
    private readonly double[] _cumulated;

    internal ZipfSampler(int count, double skew)
    {
        _cumulated = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            _cumulated[i] = sum += 1 / Math.Pow(i + 1, skew);
        }
    }

    internal int Next(Random random)
    {
        int at = Array.BinarySearch(_cumulated, random.NextDouble() * _cumulated[^1]);
        return Math.Min(at < 0 ? ~at : at + 1, _cumulated.Length - 1);
    }
}
