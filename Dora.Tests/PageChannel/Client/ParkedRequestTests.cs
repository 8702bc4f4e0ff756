using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.PageChannel.Client;

/// <summary>A request that waits for a change is one in which nothing happens: it is never late, takes no time of this process, and holds nothing up.</summary>
public sealed class ParkedRequestTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly byte[] Body = new ViewBody("c", 2, [], MountTable.Empty).Write()!;

    private readonly FakeTimeProvider _time = new();
    private readonly TestWorker _worker = new();
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PageChannelPool _pool = null!;

    public Task InitializeAsync()
    {
        _pool = new PageChannelPool(new ChannelOptions { ConnectionsPerWorker = 1 }, _time, NullLogger.Instance);
        _worker.Handler.OnView = async (request, token) =>
        {
            if (request.Wait > TimeSpan.Zero)
            {
                _waiting.TrySetResult();
                await _changed.Task.WaitAsync(token);
            }

            return new ViewOutcome(PageChannelStatus.Ok, 2, null, Body);
        };
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _worker.DisposeAsync();
    }

    [Fact]
    public async Task Parked_ForLongerThanAnyLimit_IsAnsweredWhenSomethingChanges()
    {
        Task<ChannelReply> parked = await ParkAsync();
        WorkerChannel channel = _pool.For(_worker.Info);

        // Nothing runs that would end it, ping the worker, or wake this process up.
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, channel.Load);
        ChannelReply ping = await channel.SendAsync(ChannelRequest.Ping, 0, Long, default);
        _changed.SetResult();
        ChannelReply reply = await parked.Within("the change");

        Assert.True(ping.IsOk && reply.IsOk && !channel.IsSuspect);
        Assert.Equal(Body, reply.Data![..reply.Bytes]);
        Assert.Equal(0, channel.Latency.Timeout(Request(TimeSpan.Zero), TimeSpan.Zero, Long) == Long ? 0 : 1);
    }

    [Fact]
    public async Task Parked_WhenTheConnectionEnds_EndsToo()
    {
        Task<ChannelReply> parked = await ParkAsync();

        await _worker.DisposeAsync();

        Assert.False((await parked.Within("the end of the connection")).IsOk);
    }

    [Fact]
    public async Task Parked_WhenTheWorkerLeaves_DoesNotKeepTheConnection()
    {
        Task<ChannelReply> parked = await ParkAsync();

        _pool.Retain(ClusterSnapshot.Empty);

        Assert.Equal(ChannelOutcome.ConnectionLost, (await parked.Within("the channel to be retired")).Outcome);
        await Eventually.Async(() => _worker.Listener.ConnectionCount == 0, "the worker to see the end of the connection");
    }

    [Fact]
    public async Task Parked_Cancelled_IsTakenBackAtTheWorker()
    {
        using var cancel = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        Func<ViewRequest, CancellationToken, Task<ViewOutcome>> answer = _worker.Handler.OnView;
        _worker.Handler.OnView = (request, token) =>
        {
            token.Register(cancelled.SetResult);
            return answer(request, token);
        };
        Task<ChannelReply> parked = await ParkAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => parked.Within("the cancellation"));
        await cancelled.Task.Within("the worker to hear of it");
        Assert.True((await _pool.For(_worker.Info).SendAsync(Request(TimeSpan.Zero), 0, Long, default)).IsOk);
    }

    private static ChannelRequest Request(TimeSpan wait) =>
        new(PageChannelOpcode.View, default, MaxLength: ViewBody.MaxReply, Memory: ReplyMemory.Rented, Control: new ControlArguments(View: new ViewRequest(1, 1, wait)));

    private async Task<Task<ChannelReply>> ParkAsync(CancellationToken cancellationToken = default)
    {
        Task<ChannelReply> parked = _pool.For(_worker.Info).SendAsync(Request(TimeSpan.FromSeconds(20)), 0, Long, cancellationToken).AsTask();
        await _waiting.Task.Within("the request to be parked");
        return parked;
    }
}
