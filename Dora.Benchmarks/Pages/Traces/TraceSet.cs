namespace Dora.Benchmarks.Pages.Traces;

/// <summary>The generated traces that policies are judged on. The same seed gives the same trace.</summary>
internal static class TraceSet
{
    private const double Skew = 0.9;

    internal const string ZipfName = "Zipf 0.9";

    internal static Trace[] All(int pages, int reads, int seed) =>
    [
        Zipf(pages, reads, seed),
        PollutedZipf(pages, reads, seed),
        Loop(pages, reads),
        Epochs(pages, reads, seed),
        Shifting(pages, reads, seed),
        NextDataSet(pages, reads, seed),
        Uniform(pages, reads, seed),
    ];

    /// <summary>Popular pages, without order.</summary>
    internal static Trace Zipf(int pages, int reads, int seed)
    {
        var random = new Random(seed);
        int[] names = Shuffled(pages, random);
        var ranks = new ZipfSampler(pages, Skew);
        return new Trace(ZipfName, pages, Make(reads, _ => names[ranks.Next(random)]));
    }

    /// <summary>Half the reads Zipf over half the pages; in between, bursts of a scan that goes through the other half again and again.</summary>
    internal static Trace PollutedZipf(int pages, int reads, int seed)
    {
        var random = new Random(seed);
        int popular = pages / 2;
        int[] names = Shuffled(popular, random);
        var ranks = new ZipfSampler(popular, Skew);
        int burst = Math.Max(1, pages / 20);
        int scanned = 0;
        return new Trace("Zipf 0.9 + scans", pages, Make(reads, i =>
            i / burst % 2 == 0 ? names[ranks.Next(random)] : popular + (scanned++ % (pages - popular))));
    }

    /// <summary>The same order again and again.</summary>
    internal static Trace Loop(int pages, int reads) => new("looping scan", pages, Make(reads, i => i % pages));

    /// <summary>Training: every page once per epoch, in a new order each time.</summary>
    internal static Trace Epochs(int pages, int reads, int seed)
    {
        var random = new Random(seed);
        int[] order = Shuffled(pages, random);
        return new Trace("training epochs", pages, Make(reads, i =>
        {
            if (i % pages == 0)
            {
                random.Shuffle(order);
            }

            return order[i % pages];
        }));
    }

    /// <summary>Zipf whose popular pages are others after every fifth of the trace.</summary>
    internal static Trace Shifting(int pages, int reads, int seed)
    {
        var random = new Random(seed);
        int[] names = Shuffled(pages, random);
        var ranks = new ZipfSampler(pages, Skew);
        int part = (reads / 5) + 1;
        return new Trace("Zipf 0.9, shifting", pages, Make(reads, i =>
        {
            if (i % part == 0)
            {
                random.Shuffle(names);
            }

            return names[ranks.Next(random)];
        }), LruIsBeatable: false);
    }

    /// <summary>A third of the trace Zipf on one half of the pages; after that, epochs of the other half alone.</summary>
    internal static Trace NextDataSet(int pages, int reads, int seed)
    {
        var random = new Random(seed);
        int first = pages / 2;
        var ranks = new ZipfSampler(first, Skew);
        int[] names = Shuffled(first, random);
        int[] order = [.. Enumerable.Range(first, pages - first)];
        int turn = 0;
        return new Trace("next data set", pages, Make(reads, i =>
        {
            if (i < reads / 3)
            {
                return names[ranks.Next(random)];
            }

            if (turn % order.Length == 0)
            {
                random.Shuffle(order);
            }

            return order[turn++ % order.Length];
        }), LruIsBeatable: false);
    }

    /// <summary>Every page equally likely, without memory: the past says nothing, so no policy can beat another.</summary>
    internal static Trace Uniform(int pages, int reads, int seed)
    {
        var random = new Random(seed);
        return new Trace("uniform", pages, Make(reads, _ => random.Next(pages)), LruIsBeatable: false);
    }

    private static int[] Make(int reads, Func<int, int> next)
    {
        var made = new int[reads];
        for (int i = 0; i < reads; i++)
        {
            made[i] = next(i);
        }

        return made;
    }

    private static int[] Shuffled(int count, Random random)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        random.Shuffle(all);
        return all;
    }
}
