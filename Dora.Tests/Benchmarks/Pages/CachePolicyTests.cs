using Dora.Benchmarks.Pages.Policies;
using Dora.Benchmarks.Pages.Traces;
using Dora.Storage.Pages.Eviction;

namespace Dora.Tests.Benchmarks.Pages;

/// <summary>The contenders of the hit-ratio table do what their papers say.</summary>
public sealed class CachePolicyTests
{
    private const int Pages = 300;

    [Theory]
    [InlineData("LRU")]
    [InlineData("FIFO")]
    [InlineData("CLOCK")]
    [InlineData("SIEVE")]
    public void Access_RandomReads_IsTheNaiveModel(string name)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            int capacity = new Random(seed).Next(2, 120);
            (ICachePolicy policy, Func<int, bool> model) = name switch
            {
                "LRU" => ((ICachePolicy)new LruPolicy(capacity, Pages), NaivePolicies.Lru(capacity)),
                "FIFO" => (new FifoPolicy(capacity, Pages), NaivePolicies.Fifo(capacity)),
                "CLOCK" => (new ClockPolicy(capacity, Pages), NaivePolicies.Clock(capacity)),
                _ => (new SievePolicy(capacity, Pages), NaivePolicies.Sieve(capacity)),
            };
            foreach (int page in TraceSet.Zipf(Pages, 3_000, seed).Reads)
            {
                Assert.Equal(model(page), policy.Access(page));
            }
        }
    }

    /// <summary>The naive S3-FIFO decides again which queue is to be shortened after each step; the other one goes on in the queue it began with. Equal but for such moments.</summary>
    [Fact]
    public void S3Fifo_RandomReads_HitsAsTheNaiveModel()
    {
        int hits = 0;
        int modelHits = 0;
        for (int seed = 0; seed < 10; seed++)
        {
            int capacity = new Random(seed).Next(20, 120);
            var policy = new S3FifoPolicy(capacity, Pages);
            Func<int, bool> model = NaivePolicies.S3Fifo(capacity);
            foreach (int page in TraceSet.Zipf(Pages, 3_000, seed).Reads)
            {
                hits += policy.Access(page) ? 1 : 0;
                modelHits += model(page) ? 1 : 0;
            }
        }

        Assert.InRange(hits, modelHits * 0.98, modelHits * 1.02);
    }

    [Fact]
    public void TinyLfu_ScanThroughAFullCache_PopularPagesStay()
    {
        var policy = new TinyLfuPolicy(100, Pages);
        for (int i = 0; i < 2_000; i++)
        {
            policy.Access(i % 80);
        }

        for (int page = 100; page < Pages; page++)
        {
            policy.Access(page);
        }

        Assert.InRange(Enumerable.Range(0, 80).Count(policy.Access), 78, 80);
    }

    [Fact]
    public void Access_AnyPolicy_NeverHoldsMoreThanItsCapacity()
    {
        foreach (int capacity in (int[])[1, 2, 10, 99, 100, 250])
        {
            ICachePolicy[] policies =
            [
                new LruPolicy(capacity, Pages), new FifoPolicy(capacity, Pages), new ClockPolicy(capacity, Pages), new SievePolicy(capacity, Pages),
                new S3FifoPolicy(capacity, Pages), new TinyLfuPolicy(capacity, Pages),
                .. Enum.GetValues<EvictionPolicyKind>().Select(k => new SimulatedLog(EvictionPolicies.Create(k, capacity), capacity, Pages)),
            ];
            foreach (ICachePolicy policy in policies)
            {
                foreach (int page in TraceSet.All(Pages, 3_000, seed: 1).SelectMany(static t => t.Reads))
                {
                    policy.Access(page);
                    Assert.InRange(policy.Count, 1, capacity);
                }
            }
        }
    }
}
