using System.Net;
using System.Net.Sockets;
using Dora.PageChannel.Transport;
using Dora.Tests.PageChannel.Server;

namespace Dora.Tests.PageChannel.Transport;

/// <summary>Polling one socket: how long, how often, what it finds, and that nothing is missed when it ends.</summary>
public sealed class SocketPollerTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMicroseconds(100);

    // The thread pool of a test run may have work waiting, and then nobody polls: tests that need a poll ask until there was one.
    private const int Patience = 1_000_000;

    private readonly byte[] _room = new byte[64];
    private Socket _here = null!;
    private Socket _there = null!;

    public async Task InitializeAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        _here = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _here.ConnectAsync(listener.LocalEndPoint!);
        _there = await listener.AcceptAsync();
        _there.NoDelay = true;
    }

    public Task DisposeAsync()
    {
        _here.Dispose();
        _there.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void Nothing_Comes_ThePollEndsWithItsTime()
    {
        var time = new SteppingTime(TimeSpan.FromMicroseconds(10));
        var poller = new SocketPoller(_here, Limit, time, new PollLimit(1));

        UntilPolled(poller, time);

        Assert.Equal((1L, 0L), (poller.Polls, poller.Hits));
        Assert.Equal(11, time.Asked);
    }

    [Fact]
    public void Time_BeyondTheMost_IsCut()
    {
        var time = new SteppingTime(TimeSpan.FromMicroseconds(100));
        var poller = new SocketPoller(_here, TimeSpan.FromHours(1), time, new PollLimit(1));

        UntilPolled(poller, time);

        Assert.InRange(time.Asked, 2, 11);
    }

    [Fact]
    public void Clock_StandsStill_ThePollEndsAllTheSame()
    {
        var poller = new SocketPoller(_here, Limit, new SteppingTime(TimeSpan.Zero), new PollLimit(1));

        UntilPolled(poller);

        Assert.Equal(0, poller.Hits);
    }

    [Fact]
    public void Nothing_EverComes_PollsBackOff()
    {
        var poller = new SocketPoller(_here, Limit, new SteppingTime(TimeSpan.FromMicroseconds(50)), new PollLimit(1));

        for (int i = 0; i < 2000; i++)
        {
            Assert.False(poller.TryReceive(_room, isExpected: true, out _));
        }

        Assert.InRange(poller.Polls, 0, 20);
    }

    [Fact]
    public async Task Bytes_AreThere_AreTakenWithoutAPoll()
    {
        var poller = new SocketPoller(_here, Limit, TimeProvider.System, new PollLimit(1));
        await SendAsync(3);

        int count = 0;
        Until(() => poller.TryReceive(_room, isExpected: true, out count));

        Assert.Equal((3, 0L), (count, poller.Polls));
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(100, 0, true)]
    [InlineData(100, 1, false)]
    public async Task Off_OrNobodyMay_OrNothingIsExpected_IsLeftToTheAsynchronousReceive(int microseconds, int pollers, bool isExpected)
    {
        var poller = new SocketPoller(_here, TimeSpan.FromMicroseconds(microseconds), TimeProvider.System, new PollLimit(pollers));
        await SendAsync(3);

        Assert.False(poller.TryReceive(_room, isExpected, out _));

        Assert.Equal(0, poller.Polls);
        Assert.Equal(3, await _here.ReceiveAsync(_room, SocketFlags.None).WaitAsync(RawClient.Patience));
    }

    [Fact]
    public void Others_Poll_ItDoesNot()
    {
        var limit = new PollLimit(1);
        var poller = new SocketPoller(_here, Limit, TimeProvider.System, limit);
        Assert.True(limit.TryEnter(0));

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));

        Assert.Equal(0, poller.Polls);
    }

    [Fact]
    public async Task Poll_FoundSomething_AndTheNextReceiveSleeps_ASingleByteWakesIt()
    {
        var poller = new SocketPoller(_here, SocketPoller.MaxTime, TimeProvider.System, new PollLimit(1));
        for (int round = 0; round < 20; round++)
        {
            await UntilHitAsync(poller);

            // What was set up for the next poll must not outlive it, whether the byte comes before the receive or after it.
            if (round % 2 == 0)
            {
                await SendAsync(1);
            }

            int count = 0;
            Task<int> receiving = poller.TryReceive(_room, isExpected: false, out count) ? Task.FromResult(count) : _here.ReceiveAsync(_room, SocketFlags.None);
            if (round % 2 == 1)
            {
                await SendAsync(1);
            }

            Assert.Equal(1, await receiving.WaitAsync(RawClient.Patience));
        }
    }

    [Fact]
    public void Peer_Closes_IsTheEnd()
    {
        var poller = new SocketPoller(_here, SocketPoller.MaxTime, TimeProvider.System, new PollLimit(1));
        _there.Dispose();

        int count = -1;
        Until(() => poller.TryReceive(_room, isExpected: true, out count));

        Assert.Equal(0, count);
    }

    [Fact]
    public void Connection_IsReset_OrClosedHere_Throws()
    {
        var poller = new SocketPoller(_here, SocketPoller.MaxTime, TimeProvider.System, new PollLimit(1));
        _there.LingerState = new LingerOption(true, 0);
        _there.Dispose();

        Assert.Throws<SocketException>(() => Until(() => poller.TryReceive(_room, isExpected: true, out _)));
        _here.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Until(() => poller.TryReceive(_room, isExpected: true, out _)));
    }

    [Fact]
    public async Task PlainEnd_OfATlsConnection_IsNeverPolled()
    {
        (Socket plain, Socket inner) = await SocketPair.ConnectAsync(default);
        using Socket a = plain, b = inner;
        var poller = new SocketPoller(plain, Limit, TimeProvider.System, new PollLimit(1));
        await inner.SendAsync(new byte[1], SocketFlags.None);

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));
    }

    [Fact]
    public void Poll_AllocatesNothing()
    {
        var poller = new SocketPoller(_here, Limit, new SteppingTime(TimeSpan.FromMicroseconds(50)), new PollLimit(1));
        UntilPolled(poller);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100; i++)
        {
            poller.TryReceive(_room, isExpected: true, out _);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }

    private static void Until(Func<bool> isDone)
    {
        for (int i = 0; i < Patience; i++)
        {
            if (isDone())
            {
                return;
            }
        }

        Assert.Fail("it never came");
    }

    private void UntilPolled(SocketPoller poller, SteppingTime? time = null)
    {
        long polls = poller.Polls;
        for (int i = 0; i < Patience && poller.Polls == polls; i++)
        {
            time?.Reset();
            Assert.False(poller.TryReceive(_room, isExpected: true, out _));
        }

        Assert.Equal(polls + 1, poller.Polls);
    }

    /// <summary>Polls until bytes came in the middle of a poll: the other end sends when a poll has begun.</summary>
    private async Task UntilHitAsync(SocketPoller poller)
    {
        long hits = poller.Hits;
        for (int i = 0; i < Patience && poller.Hits == hits; i++)
        {
            Task sending = Task.Run(() => SendAsync(1));
            int count = 0;
            Until(() => poller.TryReceive(_room.AsSpan(0, 1), isExpected: true, out count));
            Assert.Equal(1, count);
            await sending;
        }

        Assert.Equal(hits + 1, poller.Hits);
    }

    private async Task SendAsync(int bytes) => Assert.Equal(bytes, await _there.SendAsync(new byte[bytes], SocketFlags.None));

    /// <summary>A clock that moves by so much whenever it is looked at.</summary>
    private sealed class SteppingTime(TimeSpan step) : TimeProvider
    {
        public int Asked { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => step.Ticks * Asked++;

        public void Reset() => Asked = 0;
    }
}
