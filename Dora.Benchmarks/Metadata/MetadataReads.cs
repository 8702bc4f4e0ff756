using System.Diagnostics;
using Dora.Benchmarks.Harness;
using Dora.Storage.Metadata;

namespace Dora.Benchmarks.Metadata;

/// <summary>Reads from some threads for some time. Keys are made in blocks outside the time that counts; what a get costs, hash and path given, is all that is timed.</summary>
internal sealed class MetadataReads(IMetadataStore store, long files, int threads, bool isZipf)
{
    private const int Block = 1024;

    /// <summary>Gets a second, all threads together.</summary>
    internal double PerSecond { get; private set; }

    internal Latencies Latency { get; } = new();

    internal PauseWatch Pauses { get; } = new();

    internal void Run(TimeSpan time)
    {
        var results = new (double PerSecond, Latencies Latency)[threads];
        Exception? failure = null;
        Thread[] running = [.. Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            try
            {
                results[t] = Read(seed: t, time);
            }
            catch (WrongAnswerException e)
            {
                failure = e;
            }
        }))];
        Array.ForEach(running, static t => t.Start());
        Array.ForEach(running, static t => t.Join());
        if (failure is not null)
        {
            throw failure;
        }

        PerSecond = results.Sum(static r => r.PerSecond);
        Array.ForEach(results, r => Latency.Add(r.Latency));
    }

    private (double PerSecond, Latencies Latency) Read(int seed, TimeSpan time)
    {
        var random = new Random(seed + 17);
        var zipf = new ZipfRanks(files, seed + 17);
        var latency = new Latencies();
        var numbers = new long[Block];
        var ids = new FileId[Block];
        var paths = new string[Block];
        long reads = 0, timed = 0, started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            for (int i = 0; i < Block; i++)
            {
                numbers[i] = isZipf ? zipf.NextFile() : random.NextInt64(files);
                paths[i] = MetadataFiles.Path(numbers[i]);
                ids[i] = FileId.FromUfsPath(paths[i]);
            }

            FileMetadata? found = null;
            long before = Stopwatch.GetTimestamp();
            long last = before;
            for (int i = 0; i < Block; i++)
            {
                found = store.Get(ids[i], paths[i]);
                if (found is null)
                {
                    throw new WrongAnswerException($"'{paths[i]}' is not known");
                }

                long now = Stopwatch.GetTimestamp();
                latency.Add(last, now);
                last = now;
            }

            timed += last - before;
            reads += Block;
            BenchmarkRun.Check(MetadataFiles.IsRight(numbers[^1], found), $"wrong metadata of '{paths[^1]}'");
            if (seed == 0)
            {
                Pauses.Look();
            }
        }

        return (reads / ((double)timed / Stopwatch.Frequency), latency);
    }
}
