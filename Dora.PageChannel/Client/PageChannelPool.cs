using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dora.PageChannel.Client;

/// <summary>The channels to all workers, made when first needed and dropped when the worker leaves the cluster view.</summary>
/// <param name="options">How channels behave.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of workers that fail and recover.</param>
internal sealed class PageChannelPool(ChannelOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<WorkerId, WorkerChannel> _channels = new();
    private readonly PageChannelConnector _connector = new(options, time);
    private volatile bool _isClosed;

    /// <summary>Whether it was closed, for good.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Channels that exist.</summary>
    public int Count => _channels.Count;

    /// <summary>The channel to a worker. A worker that came back with another address gets a new one.</summary>
    /// <exception cref="ObjectDisposedException">The pool, and with it the client, was closed.</exception>
    public WorkerChannel For(WorkerInfo worker)
    {
        ThrowIfClosed();
        if (_channels.TryGetValue(worker.Id, out WorkerChannel? channel) && IsSame(channel.Worker, worker))
        {
            return channel;
        }

        WorkerChannel? replaced = null;
        channel = _channels.AddOrUpdate(
            worker.Id,
            static (_, arguments) => arguments.Pool.Make(arguments.Worker),
            (_, old, arguments) =>
            {
                replaced = IsSame(old.Worker, arguments.Worker) ? null : old;
                return replaced is null ? old : arguments.Pool.Make(arguments.Worker);
            },
            (Pool: this, Worker: worker));
        replaced?.Retire();
        if (_isClosed)
        {
            // Closed meanwhile, and possibly past this channel.
            channel.Retire();
        }

        return channel;
    }

    /// <summary>Drops the channels of workers that are not in the view; their requests in flight may end.</summary>
    public void Retain(ClusterSnapshot cluster)
    {
        foreach ((WorkerId id, WorkerChannel channel) in _channels)
        {
            if ((cluster.Find(id) is not { } worker || !IsSame(worker, channel.Worker)) && _channels.TryRemove(new(id, channel)))
            {
                channel.Retire();
            }
        }
    }

    /// <summary>Closes all connections, for good: requests on them end, and no new ones are made.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        foreach (WorkerChannel channel in _channels.Values)
        {
            await channel.DisposeAsync().ConfigureAwait(false);
        }

        _channels.Clear();
    }

    private static bool IsSame(WorkerInfo a, WorkerInfo b) => a.PagePort == b.PagePort && a.Host == b.Host;

    private WorkerChannel Make(WorkerInfo worker) => new(worker, options, _connector, time, logger);

    // The pool is closed by the client that it belongs to, and that is what its user knows.
    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new ObjectDisposedException("DoraClient");
        }
    }
}
