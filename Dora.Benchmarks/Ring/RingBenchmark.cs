using System.Globalization;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Ring;

/// <summary>
/// Which consistent-hashing algorithm: balance, moves, build time, lookup time and size of the contenders, at 3 to 10,000 workers. The decision it
/// led to is docs/decisions/0002-ring-algorithm.md.
/// </summary>
internal sealed class RingBenchmark : IBenchmark
{
    private const double LookupLimitNs = 100;
    private const double BuildLimitMs = 1000;
    private const double SizeLimitMb = 64;

    public string Name => "ring";

    public string Description => "Consistent hashing: balance, moved keys, build, lookup and size of the contenders.";

    public Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        FileId[] keys = RingKeys.Files(run.Quick ? 100_000 : 1_000_000);
        run.Progress($"{keys.Length:N0} keys made");
        foreach (int members in (int[])[3, 20, 1_000, 10_000])
        {
            MeasureAt(run, keys, members, cancellation);
        }

        MeasureWeights(run);

        run.Note(
            $"load: {keys.Length:N0} keys. 'perfect hash' spreads the same keys by an independent uniform hash: its max/mean is what chance alone gives, "
            + "and a ring is judged by how much it adds. With 1,000 keys per worker chance alone comes out at about 1.10.");
        run.Note("key-space share: computed from the ring itself, free of sampling noise (multi-probe: for independent probes).");
        run.Note("moved on join and leave: mean over several workers; ideal = the share of the worker that joins or leaves.");
        return Task.CompletedTask;
    }

    private static void MeasureAt(BenchmarkRun run, FileId[] keys, int members, CancellationToken cancellation)
    {
        RingAlgorithm[] algorithms = [.. RingAlgorithms.All.Where(a => a.MaxMembers >= members && (a.IsChosen || !run.Quick || members <= 1_000))];
        RingMember[] set = RingKeys.Members(members);
        var rings = new IRing[algorithms.Length];
        double floor = MaxOverMean(keys, members, file => RingKeys.PerfectOwner(file, members));
        for (int i = 0; i < algorithms.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            rings[i] = MeasureBuild(run, algorithms[i], set, out double buildMs, out double sizeMb);
            MeasureBalance(run, algorithms[i], rings[i], keys, members, floor);
            MeasureMoves(run, algorithms[i], rings[i], keys, set);
            string name = CaseName(algorithms[i], members);
            run.Add(new(name, "build", "ms", buildMs, Target: algorithms[i].IsChosen ? Limit(BuildLimitMs) : null));
            run.Add(new(name, "size", "MB", sizeMb, Target: algorithms[i].IsChosen ? Limit(SizeLimitMb) : null));
            run.Progress($"{name}: balance, moves, build");
        }

        MeasureLookups(run, algorithms, rings, keys, members);
        MeasureFailover(run, new WorkerRing(set), keys);
        run.Progress($"{members:N0} workers: lookups");
    }

    private static IRing MeasureBuild(BenchmarkRun run, RingAlgorithm algorithm, RingMember[] set, out double milliseconds, out double megabytes)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        IRing ring = algorithm.Build(set);
        megabytes = Math.Max(0, GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;

        var times = new double[run.Quick ? 1 : 3];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = Cost.Of(() => ring = algorithm.Build(set)).Wall.TotalMilliseconds;
        }

        Array.Sort(times);
        milliseconds = Interleaved.Quantile(times, 0.5);
        return ring;
    }

    private static void MeasureBalance(BenchmarkRun run, RingAlgorithm algorithm, IRing ring, FileId[] keys, int members, double floor)
    {
        string name = CaseName(algorithm, members);
        double[] shares = ring.ExactShares();
        int[] counts = Counts(keys, members, ring.Owner);
        BenchmarkRun.Check(Math.Abs(shares.Sum() - 1) < 1e-6, $"{name}: the shares add up to {shares.Sum():R}, not 1");
        for (int m = 0; m < members; m++)
        {
            double expected = shares[m] * keys.Length;
            BenchmarkRun.Check(
                Math.Abs(counts[m] - expected) <= (7 * Math.Sqrt(expected)) + 10 + (ring.ShareTolerance * expected),
                $"{name}: worker {m} got {counts[m]} keys where its share says {expected:0}");
        }

        string? target = algorithm.IsChosen && members is (20 or 1_000) ? "<= 1.1" : null;
        double load = counts.Max() / ((double)keys.Length / members);
        run.Add(new(name, "key-space share, max/mean", "", shares.Max() * members, Target: target));
        run.Add(new(name, "load, max/mean", "", load, Target: target));
        run.Add(new(name, "load, max/mean, beside chance", "", load, "perfect hash", floor, target));
    }

    private static void MeasureMoves(BenchmarkRun run, RingAlgorithm algorithm, IRing ring, FileId[] keys, RingMember[] set)
    {
        int workers = run.Quick ? 1 : set.Length == 10_000 ? 5 : 3;
        WorkerId[] before = [.. keys.Select(k => set[ring.Owner(k)].Id)];
        double joined = 0, left = 0, strays = 0;
        for (int i = 0; i < workers; i++)
        {
            RingMember joiner = RingKeys.Joiner(set.Length, i);
            (double moved, double stray) = Moves(algorithm, keys, before, [.. set.Append(joiner).OrderBy(static m => m.Id)], joiner.Id);
            joined += moved / workers;
            strays += stray / workers;

            RingMember leaver = set[set.Length * i / workers];
            (moved, _) = Moves(algorithm, keys, before, [.. set.Where(m => m != leaver)], leaver.Id);
            left += moved / workers;
        }

        string name = CaseName(algorithm, set.Length);
        // Few moved keys are a figure of luck: no target then.
        string? target = algorithm.IsChosen && (long)workers * keys.Length / set.Length >= 400 ? "<= 1.1" : null;
        run.Add(new(name, "moved on join", "of keys", joined, "ideal", 1.0 / (set.Length + 1), target));
        run.Add(new(name, "moved on leave", "of keys", left, "ideal", 1.0 / set.Length, target));
        run.Add(new(name, "moved between workers that stay, on join", "of keys", strays, Target: algorithm.IsChosen ? "<= 0" : null));
    }

    /// <summary>Which share of the keys has another owner among <paramref name="set"/>, and which share moved although neither owner came or went.</summary>
    private static (double Moved, double Stray) Moves(RingAlgorithm algorithm, FileId[] keys, WorkerId[] before, RingMember[] set, WorkerId changed)
    {
        IRing ring = algorithm.Build(set);
        int moved = 0, stray = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            WorkerId now = set[ring.Owner(keys[i])].Id;
            if (now != before[i])
            {
                moved++;
                stray += now != changed && before[i] != changed ? 1 : 0;
            }
        }

        return ((double)moved / keys.Length, (double)stray / keys.Length);
    }

    private static void MeasureLookups(BenchmarkRun run, RingAlgorithm[] algorithms, IRing[] rings, FileId[] keys, int members)
    {
        const int Batch = 20_000;
        long sum = 0;
        int at = 0;
        Action[] batches =
        [
            .. rings.Select(ring => (Action)(() =>
            {
                at = at + Batch <= keys.Length ? at : 0;
                foreach (FileId key in keys.AsSpan(at, Batch))
                {
                    sum += ring.Owner(key);
                }

                at += Batch;
            })),
        ];
        double[][] seconds = Interleaved.Seconds(batches, run.Quick ? 11 : 51);
        BenchmarkRun.Check(sum > 0, "no key had an owner");
        for (int i = 0; i < algorithms.Length; i++)
        {
            run.Add(new(
                CaseName(algorithms[i], members),
                "lookup p50",
                "ns",
                Interleaved.Quantile(seconds[i], 0.5) / Batch * 1e9,
                Target: algorithms[i].IsChosen ? Limit(LookupLimitNs) : null));
        }
    }

    private static void MeasureFailover(BenchmarkRun run, WorkerRing ring, FileId[] keys)
    {
        FileId[] some = keys[..Math.Clamp(2_000_000 / ring.Members.Length, 100, 10_000)];
        long sum = 0;
        var owners = new int[2];
        double[][] seconds = Interleaved.Seconds(
            [() =>
            {
                foreach (FileId key in some)
                {
                    sum += ring.Owners(key, owners) + owners[1];
                    BenchmarkRun.Check(owners[0] == ring.OwnerIndex(key) && owners[1] != owners[0], "the next owner is the owner");
                }
            }],
            11);
        run.Add(new(
            CaseName(RingAlgorithms.Chosen, ring.Members.Length), "next owner p50, after a failure", "ns", Interleaved.Quantile(seconds[0], 0.5) / some.Length * 1e9));
    }

    /// <summary>Twenty workers of weights 10 to 1,000: how far the most overloaded is above its weight's share.</summary>
    private static void MeasureWeights(BenchmarkRun run)
    {
        RingMember[] set = [.. RingKeys.Members(20).Select(static (m, i) => m with { Weight = (int)Math.Round(10 * Math.Pow(100, i / 19.0)) })];
        double total = set.Sum(static m => m.Weight);
        foreach (RingAlgorithm algorithm in RingAlgorithms.All)
        {
            double[] shares = algorithm.Build(set).ExactShares();
            double most = shares.Select((s, i) => s * total / set[i].Weight).Max();
            string? target = algorithm.IsChosen ? "<= 1.1" : null;
            run.Add(new($"{algorithm.Name}, 20 workers of weights 10 to 1,000", "key-space share / weight share, max", "", most, Target: target));
        }
    }

    private static double MaxOverMean(FileId[] keys, int members, Func<FileId, int> owner) =>
        Counts(keys, members, owner).Max() / ((double)keys.Length / members);

    private static int[] Counts(FileId[] keys, int members, Func<FileId, int> owner)
    {
        var counts = new int[members];
        foreach (FileId key in keys)
        {
            counts[owner(key)]++;
        }

        return counts;
    }

    private static string CaseName(RingAlgorithm algorithm, int members) =>
        string.Create(CultureInfo.InvariantCulture, $"{algorithm.Name}, {members:N0} workers");

    private static string Limit(double number) => string.Create(CultureInfo.InvariantCulture, $"<= {number}");
}
