using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Tests.PageChannel.Client;

/// <summary>What is known of a worker's latency, and the limits that follow from it.</summary>
public sealed class LatencyHistogramTests
{
    private static readonly ChannelRequest Small = new(PageChannelOpcode.Read, default, Destination: new byte[100]);
    private static readonly ChannelRequest Large = new(PageChannelOpcode.Read, default, Destination: new byte[100_000]);

    [Fact]
    public void Bucket_HoldsWhatIsBelowItsBound_AndTheBoundIsAtMostAQuarterHigher()
    {
        for (long value = 4; value < 30_000_000; value = (value * 11 / 10) + 1)
        {
            long bound = LatencyHistogram.BoundOf(LatencyHistogram.BucketOf(value));
            Assert.InRange(bound, value, (value * 5 / 4) + 1);
        }

        Assert.Equal(LatencyHistogram.BucketOf(1), LatencyHistogram.BucketOf(-5));
        Assert.Equal(LatencyHistogram.BucketOf(1L << 40), LatencyHistogram.BucketOf(long.MaxValue >> 8));
    }

    [Fact]
    public void Quantiles_FollowTheSamples_AndForgetOldOnes()
    {
        var histogram = new LatencyHistogram();
        for (int i = 1; i <= 1000; i++)
        {
            histogram.Note(TimeSpan.FromMicroseconds(i));
        }

        Assert.InRange(histogram.P95, 900, 1200);
        Assert.InRange(histogram.P99, 950, 1300);
        for (int i = 0; i < 20_000; i++)
        {
            histogram.Note(TimeSpan.FromMicroseconds(50));
        }

        Assert.InRange(histogram.P99, 50, 63);
    }

    [Fact]
    public void Limits_AreBounded_AndTheUpperBoundWhileLittleIsKnown()
    {
        var latency = new WorkerLatency();
        (TimeSpan min, TimeSpan max) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(2));
        Assert.Equal(max, latency.Timeout(Small, min, max));

        Note(latency, Small, TimeSpan.FromMilliseconds(1));
        Note(latency, Large, TimeSpan.FromMilliseconds(100));

        Assert.Equal(min, latency.Timeout(Small, min, max));
        Assert.InRange(latency.Timeout(Large, min, max), TimeSpan.FromMilliseconds(800), TimeSpan.FromMilliseconds(1100));
        Note(latency, Large, TimeSpan.FromSeconds(1));
        Assert.Equal(max, latency.Timeout(Large, min, max));
        Assert.InRange(latency.HedgeDelay(Small, TimeSpan.FromTicks(1), max), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1.3));
        Assert.Equal(max, latency.HedgeDelay(Small, TimeSpan.FromSeconds(3), max));
    }

    private static void Note(WorkerLatency latency, ChannelRequest request, TimeSpan elapsed)
    {
        for (int i = 0; i < LatencyHistogram.MinSamples; i++)
        {
            latency.Note(request, elapsed);
        }
    }
}
