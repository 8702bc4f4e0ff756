using System.Buffers;
using System.Text;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Storage.Files;

namespace Dora.Silo.Peers;

/// <summary>
/// Asks other workers what they know of a path before the under store is asked. A worker that does not own the file asks the owner. An owner asks those that owned the file before it came,
/// by the ring's failover order the next owners, until it has taken over all that they know (<see cref="MetadataTakeOver"/>): then it asks nobody. Who is asked asks nobody: no loop can form.
/// </summary>
/// <param name="self">This worker.</param>
/// <param name="cluster">The cluster as this worker sees it.</param>
/// <param name="sources">Whom an owner asks.</param>
/// <param name="channels">How the others are asked.</param>
/// <param name="time">The clock.</param>
internal sealed class MetadataPeers(WorkerId self, IClusterState cluster, MetadataSources sources, PeerChannels channels, TimeProvider time) : IMetadataPeers
{
    private long _hits;
    private long _misses;
    private long _failures;

    /// <summary>Questions that were answered.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Questions whose answer was that nothing is known.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Questions without an answer in time.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <inheritdoc/>
    public ValueTask<FileMetadata?> FindAsync(MountedPath path, FileId file, CancellationToken cancellationToken)
    {
        ClusterSnapshot current = cluster.Current;
        return current.Workers.Length < 2 || (sources.IsEmpty && current.Ring.Owner(file) == self)
            ? new((FileMetadata?)null)
            : AskAsync(current, path.UfsPath, file, cancellationToken);
    }

    private async ValueTask<FileMetadata?> AskAsync(ClusterSnapshot current, string path, FileId file, CancellationToken cancellationToken)
    {
        int bytes = Encoding.UTF8.GetByteCount(path);
        if (bytes > PageChannelProtocol.MaxPathBytes)
        {
            return null;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes + KnownRecord.ReplySize(bytes));
        Encoding.UTF8.GetBytes(path, buffer);
        var request = new ChannelRequest(
            PageChannelOpcode.Known, buffer.AsMemory(0, bytes), Destination: buffer.AsMemory(bytes, KnownRecord.ReplySize(bytes)));
        try
        {
            return await AskAsync(current, request, file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // The worker is stopping, or the wait was ended: the caller finds out by itself.
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<FileMetadata?> AskAsync(ClusterSnapshot current, ChannelRequest request, FileId file, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        foreach (WorkerChannel peer in Candidates(current, file))
        {
            TimeSpan left = channels.Options.StatLimit - time.GetElapsedTime(start);
            if (peer.IsSuspect || left <= TimeSpan.Zero)
            {
                continue;
            }

            // Stamped before the question leaves, so that the way of the answer counts as age.
            DateTimeOffset askedAt = time.GetUtcNow();
            ChannelReply reply = await peer
                .SendAsync(request with { SilentAfter = left }, current.MembershipVersion, left, cancellationToken).ConfigureAwait(false);
            if (reply.IsOk && Read(request.Destination.Span[..reply.Bytes], askedAt) is { } found && found.Id == file)
            {
                Interlocked.Increment(ref _hits);
                return found;
            }

            Interlocked.Increment(ref reply.Outcome == ChannelOutcome.Answered ? ref _misses : ref _failures);
        }

        return null;
    }

    private static FileMetadata? Read(ReadOnlySpan<byte> body, DateTimeOffset askedAt)
    {
        ReadOnlySpan<byte> records = body[KnownRecord.ReplyHead..];
        return KnownRecord.TryRead(ref records, askedAt, out FileMetadata? found) ? found : null;
    }

    private List<WorkerChannel> Candidates(ClusterSnapshot current, FileId file)
    {
        Span<int> ranks = stackalloc int[1 + PeerOptions.MaxAsked];
        bool isOwner = current.Ring.Owner(file) == self;
        int count = current.Ring.Owners(file, isOwner ? ranks : ranks[..1]);
        List<WorkerChannel> peers = new(count);
        foreach (int rank in ranks[..count])
        {
            WorkerInfo worker = current.Workers[rank];
            if (worker.Id != self && (!isOwner || sources.Contains(worker.Id)))
            {
                peers.Add(channels.For(worker));
            }
        }

        return peers;
    }
}
