using Dora.Benchmarks.Pages.Policies;
using Dora.Benchmarks.Pages.Traces;
using Dora.Storage.Pages.Eviction;

namespace Dora.Tests.Storage.Pages.Eviction;

public sealed class FrequencyEvictionTests
{
    private const int Pages = 10_000;

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    public void Loop_LargerThanTheCache_KeepsAFixedPart(double share)
    {
        SimulatedLog log = Create((int)(Pages * share));
        Trace loop = TraceSet.Loop(Pages, 10 * Pages);

        Run(log, loop.Reads.AsSpan(0, 5 * Pages));
        double ratio = Run(log, loop.Reads.AsSpan(5 * Pages));

        Assert.InRange(ratio, share * 0.95, share);
    }

    [Theory]
    [InlineData(true, 0.02)]
    [InlineData(false, 0.05)]
    public void Restart_Zipf_HitRatioStays(bool keepStates, double most)
    {
        int[] reads = TraceSet.Zipf(Pages, 30 * Pages, seed: 5).Reads;
        SimulatedLog stays = Create(Pages / 10);
        SimulatedLog restarts = Create(Pages / 10);
        Run(stays, reads.AsSpan(0, 15 * Pages));
        Run(restarts, reads.AsSpan(0, 15 * Pages));
        restarts.Restart(new FrequencyEviction(Pages / 10), keepStates);

        // The next turnover or two, where a loss would show most.
        double before = Run(stays, reads.AsSpan(15 * Pages, Pages / 2));
        double after = Run(restarts, reads.AsSpan(15 * Pages, Pages / 2));

        Assert.InRange(after, before - most, 1);
    }

    [Fact]
    public void Load_IntoACacheOfOldFavourites_IsKeptAndRead()
    {
        SimulatedLog log = Create(Pages / 2);
        int[] old = [.. TraceSet.Zipf(Pages / 2, 10 * Pages, seed: 3).Reads];
        Run(log, old);

        int[] loaded = [.. Enumerable.Range(Pages / 2, Pages / 4)];
        foreach (int page in loaded)
        {
            log.Load(page);
        }

        Assert.InRange(loaded.Count(log.Holds), loaded.Length * 0.95, loaded.Length);
    }

    [Fact]
    public void Load_LargerThanTheCache_KeepsAFixedPart()
    {
        SimulatedLog log = Create(Pages / 4);
        for (int page = 0; page < Pages; page++)
        {
            log.Load(page);
        }

        // What came first stays, but for the window: a job that reads from the start on finds it.
        Assert.InRange(Enumerable.Range(0, Pages / 4).Count(log.Holds), Pages / 4 * 0.9, Pages / 4);
    }

    [Fact]
    public void NewDataSet_AfterTheLastOneIsDone_TakesOver()
    {
        SimulatedLog log = Create(Pages / 10);
        Run(log, TraceSet.Zipf(Pages / 2, 5 * Pages, seed: 3).Reads);

        // Epochs of another data set, five times the cache.
        int[] epoch = [.. Enumerable.Range(Pages / 2, Pages / 2)];
        var random = new Random(1);
        double last = 0;
        for (int i = 0; i < 20; i++)
        {
            random.Shuffle(epoch);
            last = Run(log, epoch);
        }

        Assert.InRange(last, 0.15, 0.2);
    }

    [Fact]
    public void Hit_ManySmallReadsOfOnePage_CountOnce()
    {
        var policy = new FrequencyEviction(1000);
        byte state = policy.OnInsert(ListWalk.Key(1), 100, loaded: false);
        policy.OnInsert(ListWalk.Key(2), 400, loaded: false);
        for (int i = 0; i < 256; i++)
        {
            policy.OnHit(ref state, ListWalk.Key(1));
        }

        Assert.Equal(2, UseCount.Of(state));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(100)]
    public void Access_SmallCache_HoldsWhatWasJustBroughtIn(int capacity)
    {
        SimulatedLog log = Create(capacity);
        foreach (int page in TraceSet.Zipf(Pages, 2_000, seed: 9).Reads)
        {
            log.Access(page);
            Assert.True(log.Holds(page));
        }

        // Also when the background goes on evicting below the cap.
        for (int page = 0; page < 100; page++)
        {
            log.Access(page);
            log.Shrink(capacity / 2);
            Assert.True(log.Holds(page));
        }
    }

    private static SimulatedLog Create(int capacity) => new(new FrequencyEviction(capacity), capacity, Pages);

    private static double Run(SimulatedLog log, ReadOnlySpan<int> reads)
    {
        int hits = 0;
        foreach (int page in reads)
        {
            hits += log.Access(page) ? 1 : 0;
        }

        return (double)hits / reads.Length;
    }
}
