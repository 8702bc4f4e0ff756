using System.Buffers;
using System.Text;
using Dora.Diagnostics;
using Dora.Grains.Workers;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Storage.Files;
using Microsoft.Extensions.Logging;

namespace Dora.Silo.Peers;

/// <summary>
/// Takes over what other workers know of files that have become this worker's, or are about to: from all members when this worker comes, in the background, and from one that leaves, while it
/// still answers. Batches of 64 KiB, one after the other from each worker.
/// </summary>
/// <param name="self">This worker.</param>
/// <param name="cluster">The cluster as this worker sees it.</param>
/// <param name="channels">How the others are asked.</param>
/// <param name="sources">Told what has been taken over.</param>
/// <param name="catalog">Where it is remembered, unless it was forgotten here since or something newer is known.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told how much it was.</param>
internal sealed class MetadataTakeOver(
    WorkerId self, IClusterState cluster, PeerChannels channels, MetadataSources sources, IFileCatalog catalog, TimeProvider time, ILogger<MetadataTakeOver> log)
    : IMetadataTaker, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int Concurrent = 4;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private long _files;

    /// <summary>Files whose metadata was taken over.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>As soon as this worker is a member; until that has begun, single questions go to everybody.</summary>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(MetadataTakeOver),
        ServiceLifecycleStage.Active,
        _ =>
        {
            _running = Task.Run(RunAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
        });

    /// <summary>Takes over from all members there are when this worker has become one.</summary>
    public async Task RunAsync()
    {
        using var limit = new CancellationTokenSource(channels.Options.AfterChange, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        long start = time.GetTimestamp();
        try
        {
            while (cluster.Current.Find(self) is null)
            {
                await Task.Delay(Look, time, end.Token).ConfigureAwait(false);
            }

            WorkerInfo[] others = [.. cluster.Current.Workers.Where(w => w.Id != self)];
            sources.Begin(others.Select(static w => w.Id));
            await Parallel.ForEachAsync(
                others,
                new ParallelOptions { MaxDegreeOfParallelism = Concurrent, CancellationToken = end.Token },
                async (worker, token) =>
                {
                    await TakeAsync(worker.Id, KnownFlags.Owned, token).ConfigureAwait(false);
                    sources.End(worker.Id);
                }).ConfigureAwait(false);
            PeersLog.MetadataTaken(log, Files, others.Length, time.GetElapsedTime(start).TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            // The worker stops, or the time is over: what is missing is asked of the store.
            sources.Begin([]);
        }
        catch (Exception e)
        {
            PeersLog.MetadataNotTaken(log, e);
            sources.Begin([]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> TakeFromAsync(WorkerId worker, CancellationToken cancellationToken) => TakeAsync(worker, KnownFlags.Owned | KnownFlags.Leaving, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Asks one worker until it has told all. One that is busy, or does not know this worker yet, or was lost and is still a member, is asked again.</summary>
    private async ValueTask<long> TakeAsync(WorkerId worker, KnownFlags flags, CancellationToken cancellationToken)
    {
        byte[] body = ArrayPool<byte>.Shared.Rent(KnownRecord.MaxReply);
        var request = new ChannelRequest(
            PageChannelOpcode.Known, Encoding.ASCII.GetBytes(self.Value), (ushort)flags, Destination: body.AsMemory(0, KnownRecord.MaxReply));
        long files = 0;
        TimeSpan pause = ShortPause;
        try
        {
            while (cluster.Current.Find(worker) is { } info)
            {
                DateTimeOffset askedAt = time.GetUtcNow();
                ChannelReply reply = await channels.AskAsync(info, request, cluster.Current.MembershipVersion, cancellationToken).ConfigureAwait(false);
                if (reply.IsOk)
                {
                    List<FileMetadata> known = [];
                    FileId next = Read(body.AsSpan(0, reply.Bytes), askedAt, known);
                    await catalog.RememberAsync([.. known.DistinctBy(static f => f.Id)], cancellationToken).ConfigureAwait(false);
                    files += known.Count;
                    Interlocked.Add(ref _files, known.Count);
                    DoraInstruments.RingMoves.Add(known.Count, DoraInstruments.Label(DoraLabels.Cache, DoraLabels.Metadata));
                    if (next.CompareTo(request.File) <= 0)
                    {
                        return files;
                    }

                    (request, pause) = (request with { File = next }, ShortPause);
                    continue;
                }

                if (reply.Outcome == ChannelOutcome.Answered && reply.Status is not (PageChannelStatus.Busy or PageChannelStatus.NotOwner))
                {
                    return files;
                }

                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < LongPause ? pause * 2 : LongPause;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }

        return files;
    }

    /// <returns>Where to go on; 0: that was all.</returns>
    private static FileId Read(ReadOnlySpan<byte> body, DateTimeOffset askedAt, List<FileMetadata> known)
    {
        FileId next = FileId.Read(body);
        ReadOnlySpan<byte> records = body[KnownRecord.ReplyHead..];
        while (KnownRecord.TryRead(ref records, askedAt, out FileMetadata? file))
        {
            known.Add(file!);
        }

        return next;
    }
}
