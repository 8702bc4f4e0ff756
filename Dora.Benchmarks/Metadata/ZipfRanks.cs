namespace Dora.Benchmarks.Metadata;

/// <summary>Zipf-distributed file numbers, skew 0.99 as in YCSB, by rejection-inversion (Hörmann and Derflinger, 1996). Ranks are scattered over the files.</summary>
internal sealed class ZipfRanks
{
    private const double Skew = 0.99;

    private readonly long _files;
    private readonly Random _random;
    private readonly double _first;
    private readonly double _last;
    private readonly double _shortcut;

    internal ZipfRanks(long files, int seed)
    {
        (_files, _random) = (files, new Random(seed));
        _first = Integral(1.5) - 1;
        _last = Integral(files + 0.5);
        _shortcut = 2 - Inverse(Integral(2.5) - Math.Pow(2, -Skew));
    }

    internal long NextFile()
    {
        while (true)
        {
            double u = _last + (_random.NextDouble() * (_first - _last));
            double x = Inverse(u);
            double rank = Math.Clamp(Math.Round(x), 1, _files);
            if (rank - x <= _shortcut || u >= Integral(rank + 0.5) - Math.Pow(rank, -Skew))
            {
                return (long)(MetadataFiles.Mix((ulong)rank) % (ulong)_files);
            }
        }
    }

    private static double Integral(double x) => (Math.Pow(x, 1 - Skew) - 1) / (1 - Skew);

    private static double Inverse(double y) => Math.Pow(1 + (y * (1 - Skew)), 1 / (1 - Skew));
}
