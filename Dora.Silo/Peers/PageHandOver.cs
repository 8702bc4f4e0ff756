using System.Threading.Channels;
using Dora.Interfaces;
using Microsoft.Extensions.Logging;

namespace Dora.Silo.Peers;

/// <summary>
/// A worker that stops offers its cached bytes, and what it knows of files, to the workers that own the files without it, while it still serves: they read both over the page channel.
/// Ends after a time limit; what was not handed over then is asked of the store again.
/// </summary>
/// <param name="self">This worker.</param>
/// <param name="list">Makes the list of what is here, at the time of the stop.</param>
/// <param name="grains">Where the other workers are.</param>
/// <param name="limit">How long it may take.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told how much it was.</param>
internal sealed class PageHandOver(
    WorkerId self, Func<HandOverList> list, IGrainFactory grains, TimeSpan limit, TimeProvider time, ILogger<PageHandOver> log) : ILifecycleParticipant<ISiloLifecycle>
{
    private const int MaxOffers = 64;
    private const long MaxBytes = 16L * 1024 * 1024;
    private const int CallsPerWorker = 2;

    /// <summary>Before everything else stops: see <see cref="ServiceLifecycleStage.Active"/> in the other parts.</summary>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(PageHandOver), ServiceLifecycleStage.Active + 1, static _ => Task.CompletedTask, RunAsync);

    /// <summary>Hands over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        HandOverList files = list();
        RingMember[] others = [.. files.Cluster.Ring.Members.Where(m => m.Id != self)];
        if (limit <= TimeSpan.Zero || others.Length == 0)
        {
            return;
        }

        long start = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(limit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var queues = others.ToDictionary(static m => m.Id, static _ => Channel.CreateBounded<PageOffer[]>(1));
        long[] taken = [0], known = [0];
        Task metadata = Task.WhenAll(others.Select(m => m.Id).Select(worker => HandMetadataAsync(worker, known, end.Token)));
        Task[] senders = [.. queues.SelectMany(q => Enumerable.Range(0, CallsPerWorker).Select(_ => SendAsync(q.Key, q.Value.Reader, taken, end.Token)))];
        try
        {
            await DealAsync(files, new WorkerRing(others), queues, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }

        foreach (Channel<PageOffer[]> queue in queues.Values)
        {
            queue.Writer.TryComplete();
        }

        await metadata.ConfigureAwait(false);
        PeersLog.MetadataHandedOver(log, known[0], time.GetElapsedTime(start).TotalSeconds);
        await Task.WhenAll(senders).ConfigureAwait(false);
        PeersLog.HandedOver(log, taken[0], time.GetElapsedTime(start).TotalSeconds, end.IsCancellationRequested);
    }

    /// <summary>Lets a worker ask for what is known here of the files that will be its own.</summary>
    private async Task HandMetadataAsync(WorkerId worker, long[] known, CancellationToken cancellationToken)
    {
        try
        {
            long files = await grains.GetGrain<IWorkerGrain>(worker.Value).TakeOverMetadataAsync(self.Value, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref known[0], files);
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
        catch (Exception e)
        {
            PeersLog.MetadataHandOverFailed(log, worker, e.Message);
        }
    }

    /// <summary>Sorts offers by their new owners and sends them off in parcels.</summary>
    private static async Task DealAsync(
        HandOverList files, WorkerRing ring, Dictionary<WorkerId, Channel<PageOffer[]>> queues, CancellationToken cancellationToken)
    {
        var parcels = queues.Keys.ToDictionary(static w => w, static _ => (Offers: new List<PageOffer>(), Bytes: 0L));
        foreach ((FileMetadata file, PageOffer offer, long bytes) in files.Offers(cancellationToken))
        {
            WorkerId owner = ring.Owner(file.Id);
            (List<PageOffer> offers, long sum) = parcels[owner];
            offers.Add(offer);
            sum += bytes;
            if (offers.Count >= MaxOffers || sum >= MaxBytes)
            {
                await queues[owner].Writer.WriteAsync([.. offers], cancellationToken).ConfigureAwait(false);
                offers.Clear();
                sum = 0;
            }

            parcels[owner] = (offers, sum);
        }

        foreach ((WorkerId owner, (List<PageOffer> offers, _)) in parcels)
        {
            if (offers.Count > 0)
            {
                await queues[owner].Writer.WriteAsync([.. offers], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(WorkerId worker, ChannelReader<PageOffer[]> parcels, long[] taken, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (PageOffer[] parcel in parcels.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                long bytes = await grains.GetGrain<IWorkerGrain>(worker.Value).TakeOverAsync(parcel, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
                Interlocked.Add(ref taken[0], bytes);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
        catch (Exception e)
        {
            PeersLog.HandOverFailed(log, worker, e.Message);
            await DropAsync(parcels, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The rest for a worker that does not answer must not hold up the others.</summary>
    private static async Task DropAsync(ChannelReader<PageOffer[]> parcels, CancellationToken cancellationToken)
    {
        try
        {
            while (await parcels.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                parcels.TryRead(out _);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }
}
