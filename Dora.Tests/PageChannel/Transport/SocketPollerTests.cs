using System.Net;
using System.Net.Sockets;
using Dora.PageChannel.Transport;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;

namespace Dora.Tests.PageChannel.Transport;

/// <summary>
/// Polling one socket: how long, how often, what it finds, and that nothing is missed when it ends. The clock moves by looks, and the test says whether
/// work waits for a thread, so that what the machine does meanwhile changes nothing.
/// </summary>
public sealed class SocketPollerTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMicroseconds(100);

    private readonly byte[] _room = new byte[64];
    private bool _isWorkWaiting;
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
        SocketPoller poller = Poller(Limit, time);

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));

        Assert.Equal((1L, 0L), (poller.Polls, poller.Hits));
        Assert.Equal(11, time.Asked);
    }

    [Fact]
    public void Time_BeyondTheMost_IsCut()
    {
        var time = new SteppingTime(TimeSpan.FromMicroseconds(100));
        SocketPoller poller = Poller(TimeSpan.FromHours(1), time);

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));

        Assert.Equal(1, poller.Polls);
        Assert.Equal(11, time.Asked);
    }

    [Fact]
    public void Clock_StandsStill_ThePollEndsAllTheSame()
    {
        SocketPoller poller = Poller(Limit, new SteppingTime(TimeSpan.Zero));

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));

        Assert.Equal((1L, 0L), (poller.Polls, poller.Hits));
    }

    [Fact]
    public void Nothing_EverComes_PollsBackOff()
    {
        SocketPoller poller = Poller(Limit, new SteppingTime(TimeSpan.FromMicroseconds(50)));

        for (int i = 0; i < 2000; i++)
        {
            Assert.False(poller.TryReceive(_room, isExpected: true, out _));
        }

        // Pauses of 0, 0, 0, 1, 3, 7 ... 127, and then of 255 again and again.
        Assert.Equal(16, poller.Polls);
    }

    [Fact]
    public void Work_WaitsForAThread_NobodyPolls()
    {
        SocketPoller poller = Poller(Limit, new SteppingTime(TimeSpan.FromMicroseconds(10)));
        _isWorkWaiting = true;

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));
        Assert.Equal(0, poller.Polls);
        _isWorkWaiting = false;
        Assert.False(poller.TryReceive(_room, isExpected: true, out _));

        Assert.Equal(1, poller.Polls);
    }

    [Fact]
    public void Work_ComesDuringThePoll_ItEndsBeforeItsTime()
    {
        var time = new SteppingTime(TimeSpan.FromMicroseconds(1));
        SocketPoller poller = Poller(Limit, time);
        time.OnLook = looks => _isWorkWaiting = looks > 10;

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));

        Assert.Equal(1, poller.Polls);
        Assert.InRange(time.Asked, 10, 20);
    }

    [Fact]
    public void Bytes_AreThere_AreTakenWithoutAPoll()
    {
        SocketPoller poller = Poller(Limit, new SteppingTime(TimeSpan.FromMicroseconds(10)));
        Send(3);

        Assert.True(poller.TryReceive(_room, isExpected: true, out int count));

        Assert.Equal((3, 0L), (count, poller.Polls));
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(100, 0, true)]
    [InlineData(100, 1, false)]
    public async Task Off_OrNobodyMay_OrNothingIsExpected_IsLeftToTheAsynchronousReceive(int microseconds, int pollers, bool isExpected)
    {
        var poller = new SocketPoller(_here, TimeSpan.FromMicroseconds(microseconds), TimeProvider.System, new PollLimit(pollers, static () => false));
        Send(3);

        Assert.False(poller.TryReceive(_room, isExpected, out _));

        Assert.Equal(0, poller.Polls);
        Assert.Equal(3, await _here.ReceiveAsync(_room, SocketFlags.None).WaitAsync(RawClient.Patience));
    }

    [Fact]
    public void Others_Poll_ItDoesNot()
    {
        var limit = new PollLimit(1, static () => false);
        var poller = new SocketPoller(_here, Limit, new SteppingTime(TimeSpan.FromMicroseconds(10)), limit);
        Assert.True(limit.TryEnter(0, TimeProvider.System, 0));

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));

        Assert.Equal(0, poller.Polls);
    }

    [Fact]
    public async Task Poll_FoundSomething_AndTheNextReceiveSleeps_ASingleByteWakesIt()
    {
        var time = new SteppingTime(TimeSpan.FromMicroseconds(1));
        SocketPoller poller = Poller(SocketPoller.MaxTime, time);
        for (int round = 0; round < 20; round++)
        {
            // The byte comes in the middle of the poll.
            time.Reset();
            time.OnLook = looks =>
            {
                if (looks == 5)
                {
                    Send(1);
                }
            };
            Assert.True(poller.TryReceive(_room.AsSpan(0, 1), isExpected: true, out int count));
            Assert.Equal((1, round + 1L, round + 1L), (count, poller.Polls, poller.Hits));
            time.OnLook = null;

            // What was set up for the next poll must not outlive it, whether the byte comes before the receive or after it.
            bool isBefore = round % 2 == 0;
            if (isBefore)
            {
                Send(1);
            }

            Assert.False(poller.TryReceive(_room, isExpected: false, out _));
            Task<int> receiving = _here.ReceiveAsync(_room, SocketFlags.None);
            if (!isBefore)
            {
                await _there.SendAsync(new byte[1]);
            }

            Assert.Equal(1, await receiving.WaitAsync(RawClient.Patience));
        }
    }

    [Fact]
    public void Peer_Closes_IsTheEnd()
    {
        SocketPoller poller = Poller(SocketPoller.MaxTime, new SteppingTime(TimeSpan.FromMicroseconds(10)));
        _there.Dispose();
        UntilReadable();

        Assert.True(poller.TryReceive(_room, isExpected: true, out int count));

        Assert.Equal(0, count);
    }

    [Fact]
    public void Connection_IsReset_OrClosedHere_Throws()
    {
        SocketPoller poller = Poller(SocketPoller.MaxTime, new SteppingTime(TimeSpan.FromMicroseconds(10)));
        _there.LingerState = new LingerOption(true, 0);
        _there.Dispose();
        UntilReadable();

        Assert.Throws<SocketException>(() => poller.TryReceive(_room, isExpected: true, out _));
        _here.Dispose();

        Assert.Throws<ObjectDisposedException>(() => poller.TryReceive(_room, isExpected: true, out _));
    }

    [Fact]
    public void NoSocket_IsNeverPolled()
    {
        var poller = new SocketPoller(null, Limit, new SteppingTime(TimeSpan.FromMicroseconds(10)), new PollLimit(1, static () => false));

        Assert.False(poller.TryReceive(_room, isExpected: true, out _));
        Assert.Equal(0, poller.Polls);
    }

    [Fact]
    public async Task Rest_OfALongReply_IsTakenWhenItIsThere_NeverPolledFor_AndParksAsUsual()
    {
        SocketPoller poller = Poller(Limit, new SteppingTime(TimeSpan.FromMicroseconds(10)));
        Assert.False(poller.TryReceive(_room, isExpected: true, out _));
        long polls = poller.Polls;
        await _there.SendAsync(new byte[8], SocketFlags.None);
        await _here.ReceiveAsync(new byte[1], SocketFlags.Peek).Within("the bytes");

        // A poll that found something leaves the low-water mark raised: the next sleeper must be woken by a single byte all the same.
        Assert.True(poller.TryReceive(_room, isExpected: true, out int count));
        Assert.Equal(8, count);
        Assert.False(poller.TryReceiveRest(_room, out _));
        Task<int> parked = _here.ReceiveAsync(_room.AsMemory(), SocketFlags.None).AsTask();
        await _there.SendAsync(new byte[1], SocketFlags.None);

        Assert.Equal(1, await parked.Within("a single byte"));
        Assert.Equal(polls, poller.Polls);
    }

    [Fact]
    public void Poll_AllocatesNothing()
    {
        SocketPoller poller = Poller(Limit, new SteppingTime(TimeSpan.FromMicroseconds(50)));
        poller.TryReceive(_room, isExpected: true, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100; i++)
        {
            poller.TryReceive(_room, isExpected: true, out _);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.InRange(poller.Polls, 2, 100);
    }

    private SocketPoller Poller(TimeSpan limit, TimeProvider time) => new(_here, limit, time, new PollLimit(1, () => _isWorkWaiting));

    /// <summary>Sends, and returns when the bytes have reached the other end.</summary>
    private void Send(int bytes)
    {
        Assert.Equal(bytes, _there.Send(new byte[bytes]));

        // Not by Poll: a poller at work keeps the socket from being called readable.
        Assert.True(SpinWait.SpinUntil(() => _here.Available >= bytes, RawClient.Patience), "the bytes did not arrive");
    }

    /// <summary>Waits for the peer's end, which the system calls readable too.</summary>
    private void UntilReadable() => Assert.True(_here.Poll(RawClient.Patience, SelectMode.SelectRead), "the peer's end did not arrive");

    /// <summary>A clock that moves by so much whenever it is looked at.</summary>
    private sealed class SteppingTime(TimeSpan step) : TimeProvider
    {
        public int Asked { get; private set; }

        /// <summary>Called with the count of looks so far.</summary>
        public Action<int>? OnLook { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp()
        {
            OnLook?.Invoke(Asked);
            return step.Ticks * Asked++;
        }

        public void Reset() => Asked = 0;
    }
}
