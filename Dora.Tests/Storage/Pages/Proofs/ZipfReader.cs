using System.Globalization;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Microsoft.Extensions.Logging.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>A trace of reads of small objects, some far more popular than others (Zipf, exponent 0.99), each miss followed by a put; in this process or one to be killed.</summary>
internal sealed class ZipfReader
{
    public const string Name = "zipf-reader";
    public const int Warm = 60_000;
    public const int Measured = 20_000;

    // With its head a record of one block of the disk.
    private const int ObjectBytes = 3000;
    private const int Objects = 20_000;
    private const int Step = 100;
    private const long Capacity = 10 * 1024 * 1024;
    private const double Exponent = 0.99;
    private static readonly double[] Cumulated = Distribution();

    private readonly Random _random = new(17);

    /// <summary>Reads the next objects of the trace.</summary>
    /// <returns>How many of them were cached.</returns>
    public async Task<int> ReadAsync(SegmentPageStore store, int count)
    {
        int hits = 0;
        for (int i = 0; i < count; i++)
        {
            PageKey key = Next();
            if (store.ReadChecked(key, 0, ObjectBytes) == ObjectBytes)
            {
                hits++;
            }
            else
            {
                store.Put(key, 0, ObjectBytes);
            }
        }

        return hits;
    }

    /// <summary>Passes over objects without reading them, to go on where another reader of the same trace ended.</summary>
    public void Skip(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Next();
        }
    }

    public static SegmentPageStore Open(string directory, IPageDevice? device = null) => SegmentPageStore.Open(
        new PageStoreOptions { Directory = directory, CapacityBytes = Capacity, CheckpointInterval = TimeSpan.FromSeconds(0.2) },
        TimeProvider.System,
        NullLogger.Instance,
        device ?? new FilePageDevice());

    /// <summary>As a process: warms a store until a checkpoint has seen it warm, says how many objects it read, and waits to be killed.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        SegmentPageStore store = Open(args[0]);
        var trace = new ZipfReader();
        int read = Warm;
        await trace.ReadAsync(store, Warm);

        // The first of these may have been on its way before.
        for (int goal = store.Statistics.Checkpoints + 2; store.Statistics.Checkpoints < goal; read += Step)
        {
            await trace.ReadAsync(store, Step);
        }

        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"warm {read}"));
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Zipf {Exponent} over {Objects} objects of {ObjectBytes} bytes, cache {Capacity}");

    private PageKey Next()
    {
        int rank = Array.BinarySearch(Cumulated, _random.NextDouble());
        return Key(rank < 0 ? Math.Min(~rank, Objects - 1) : rank);
    }

    private static double[] Distribution()
    {
        double[] cumulated = new double[Objects];
        double sum = 0;
        for (int i = 0; i < Objects; i++)
        {
            cumulated[i] = sum += 1 / Math.Pow(i + 1, Exponent);
        }

        return [.. cumulated.Select(c => c / sum)];
    }
}
