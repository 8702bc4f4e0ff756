using Dora.PageChannel.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.PageChannel.Transport;

/// <summary>When a connection polls, and how many threads may.</summary>
public sealed class PollBackOffTests
{
    [Fact]
    public void Polls_ThatNeverFindAnything_AreLeftOutMoreAndMore_UpToTheMost()
    {
        var backOff = default(PollBackOff);

        List<int> pauses = [.. Enumerable.Range(0, 20).Select(_ => PauseThenMiss(ref backOff))];

        Assert.Equal([0, 0, 0, 1, 3, 7, 15, 31, 63, 127, 255, 255], pauses.Take(12));
        Assert.All(pauses.Skip(12), static p => Assert.Equal(PollBackOff.MaxPause, p));
    }

    [Fact]
    public void Polls_ThatFindSomethingAgain_AreTakenUpAgain()
    {
        var backOff = default(PollBackOff);
        for (int i = 0; i < 20; i++)
        {
            PauseThenMiss(ref backOff);
        }

        while (!backOff.TryPoll())
        {
            // The pause is over when one more is tried.
        }

        for (int i = 0; i < 6; i++)
        {
            backOff.Note(isHit: true);
            Assert.True(backOff.TryPoll());
        }

        Assert.Equal(0, PauseThenMiss(ref backOff));
        Assert.Equal(1, PauseThenMiss(ref backOff));
    }

    [Theory]
    [InlineData(0.95, 0.9, 1.0)]
    [InlineData(0.05, 0.0, 0.1)]
    public void Share_OfPollsTaken_FollowsTheShareOfHits(double hits, double least, double most)
    {
        var backOff = default(PollBackOff);
        var random = new Random(5);
        int taken = 0;
        for (int i = 0; i < 100_000; i++)
        {
            if (backOff.TryPoll())
            {
                taken++;
                backOff.Note(random.NextDouble() < hits);
            }
        }

        Assert.InRange(taken / 100_000.0, least, most);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(64, 32)]
    public void Limit_IsHalfTheProcessors_AndNobodyWithOne(int processors, int pollers)
    {
        var limit = new PollLimit(PollLimit.For(processors));

        for (int i = 0; i < pollers; i++)
        {
            Assert.True(limit.TryEnter(i, TimeProvider.System, now: 7));
        }

        Assert.False(limit.TryEnter(pollers, TimeProvider.System, now: 7));
        Assert.Equal(pollers, limit.Max);
        for (int i = 0; i < pollers; i++)
        {
            limit.Exit();
        }

        Assert.Equal(pollers > 0, limit.TryEnter(0, TimeProvider.System, now: 7));
    }

    [Fact]
    public void Limit_ReachedByOneMore_KeepsAllFromPollingForAMoment()
    {
        var time = new FakeTimeProvider();
        var limit = new PollLimit(1);
        Assert.True(limit.TryEnter(1, time, time.GetTimestamp()));
        Assert.False(limit.IsCrowded(time, time.GetTimestamp()));

        Assert.False(limit.TryEnter(2, time, time.GetTimestamp()));
        Assert.True(limit.IsCrowded(time, time.GetTimestamp()));
        time.Advance(TimeSpan.FromMilliseconds(6));

        Assert.False(limit.IsCrowded(time, time.GetTimestamp()));
    }

    [Fact]
    public void Limit_AnotherPolledAMomentAgo_ItsPlaceIsKept()
    {
        var time = new FakeTimeProvider();
        var limit = new PollLimit(2);
        foreach (long who in (long[])[1, 2])
        {
            Assert.True(limit.TryEnter(who, time, time.GetTimestamp()));
            limit.Exit();
        }

        // The third in turns: nobody polls, and when it is over whoever comes first does.
        Assert.False(limit.TryEnter(3, time, time.GetTimestamp()));
        Assert.True(limit.IsCrowded(time, time.GetTimestamp()));
        time.Advance(TimeSpan.FromMilliseconds(3));
        Assert.True(limit.TryEnter(1, time, time.GetTimestamp()));
        limit.Exit();
        time.Advance(TimeSpan.FromMilliseconds(3));

        Assert.False(limit.IsCrowded(time, time.GetTimestamp()));
        Assert.True(limit.TryEnter(3, time, time.GetTimestamp()));
        Assert.True(limit.TryEnter(1, time, time.GetTimestamp()));
    }

    private static int PauseThenMiss(ref PollBackOff backOff)
    {
        int pause = 0;
        while (!backOff.TryPoll())
        {
            pause++;
        }

        backOff.Note(isHit: false);
        return pause;
    }
}
