using System.Collections.Concurrent;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Client;

/// <summary>A worker that runs in this process, for clients in the same process.</summary>
internal interface ILocalWorker
{
    /// <summary>
    /// Reads on the spot what the worker owns and has in memory. Never waits, allocates nothing, and answers as the worker would over its page channel.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="destination">At least as long as the request.</param>
    /// <param name="bytes">Bytes read: fewer than asked for only at the end of the file.</param>
    /// <returns><see langword="false"/>: not on the spot; ask over the page channel.</returns>
    bool TryRead(in ReadRequest request, Span<byte> destination, out int bytes);
}

/// <summary>
/// The workers of this process, by where their page channels listen: made by whoever hosts them, and given to the clients that may read from them. Such a
/// client needs no socket for what is warm; everything else, and every failure, takes the page channel as always. Safe for concurrent use.
/// </summary>
public sealed class LocalWorkers
{
    private readonly ConcurrentDictionary<(WorkerId Id, string Host, int Port), ILocalWorker> _workers = new();

    /// <summary>Announces a worker; it stays announced until it is removed.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="host">The host that the cluster knows it by.</param>
    /// <param name="port">The port of its page channel.</param>
    /// <param name="worker">The worker.</param>
    internal void Add(WorkerId id, string host, int port, ILocalWorker worker) => _workers[(id, host, port)] = worker;

    /// <summary>Takes a worker away; reads that run may finish.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="host">The host that the cluster knows it by.</param>
    /// <param name="port">The port of its page channel.</param>
    internal void Remove(WorkerId id, string host, int port) => _workers.TryRemove((id, host, port), out _);

    /// <summary>The worker in this process, or <see langword="null"/> when it is in another.</summary>
    /// <param name="worker">As the cluster knows it.</param>
    internal ILocalWorker? Find(WorkerInfo worker)
    {
        ArgumentNullException.ThrowIfNull(worker);
        return _workers.GetValueOrDefault((worker.Id, worker.Host, worker.PagePort));
    }
}
