using System.Collections.Concurrent;
using System.Threading.Channels;
using Dora.Interfaces;
using Microsoft.Extensions.Logging;

namespace Dora.Silo.Peers;

/// <summary>
/// A worker that stops offers its cached bytes, and what it knows of files, to the workers that own the files without it, while it still serves: they read both over the page channel.
/// A worker that stops too refuses; its share goes to the next owner among those that stay, and to nobody when the whole cluster stops. Ends after a time limit; what was not handed over then is asked of the store again.
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
    private const long NoAnswer = -2;

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
        var staying = new StayingWorkers(others);
        long[] taken = [0], known = [0];
        Task metadata = Task.WhenAll(others.Select(m => m.Id).Select(worker => HandMetadataAsync(worker, known, end.Token)));
        IEnumerable<PageOffer> offers = files.Offers(end.Token);
        do
        {
            offers = await HandPagesAsync(offers, staying, taken, end.Token).ConfigureAwait(false);
        }
        while (offers.Any() && !staying.Ring.IsEmpty && !end.IsCancellationRequested);

        await metadata.ConfigureAwait(false);
        PeersLog.MetadataHandedOver(log, known[0], time.GetElapsedTime(start).TotalSeconds);
        if (staying.Ring.IsEmpty)
        {
            PeersLog.NobodyStays(log);
        }

        PeersLog.HandedOver(log, taken[0], time.GetElapsedTime(start).TotalSeconds, end.IsCancellationRequested);
    }

    /// <summary>Lets a worker ask for what is known here of the files that will be its own.</summary>
    private async Task HandMetadataAsync(WorkerId worker, long[] known, CancellationToken cancellationToken)
    {
        try
        {
            long files = await grains.GetGrain<IWorkerGrain>(worker.Value).TakeOverMetadataAsync(self.Value, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref known[0], Math.Max(0, files));
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

    /// <summary>Offers to each worker that stays what will be its own.</summary>
    /// <returns>What was refused by workers that stop too: it is others' then.</returns>
    private async Task<IReadOnlyCollection<PageOffer>> HandPagesAsync(IEnumerable<PageOffer> offers, StayingWorkers staying, long[] taken, CancellationToken cancellationToken)
    {
        var refused = new ConcurrentQueue<PageOffer>();
        var queues = staying.Ring.Members.ToDictionary(static m => m.Id, static _ => Channel.CreateBounded<PageOffer[]>(1));
        Task[] senders = [.. queues.SelectMany(q => Enumerable.Range(0, CallsPerWorker).Select(_ => SendAsync(q.Key, q.Value.Reader, staying, refused, taken, cancellationToken)))];
        try
        {
            await DealAsync(offers, staying, queues, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }

        foreach (Channel<PageOffer[]> queue in queues.Values)
        {
            queue.Writer.TryComplete();
        }

        await Task.WhenAll(senders).ConfigureAwait(false);
        return refused;
    }

    /// <summary>Sorts offers by their new owners and sends them off in parcels.</summary>
    private static async Task DealAsync(
        IEnumerable<PageOffer> offers, StayingWorkers staying, Dictionary<WorkerId, Channel<PageOffer[]>> queues, CancellationToken cancellationToken)
    {
        var parcels = queues.Keys.ToDictionary(static w => w, static _ => (Offers: new List<PageOffer>(), Bytes: 0L));
        foreach (PageOffer offer in offers)
        {
            WorkerRing ring = staying.Ring;
            if (ring.IsEmpty)
            {
                return;
            }

            WorkerId owner = ring.Owner(FileId.FromUfsPath(offer.File.UfsPath));
            (List<PageOffer> parcel, long sum) = parcels[owner];
            parcel.Add(offer);
            sum += offer.Bytes;
            if (parcel.Count >= MaxOffers || sum >= MaxBytes)
            {
                await queues[owner].Writer.WriteAsync([.. parcel], cancellationToken).ConfigureAwait(false);
                parcel.Clear();
                sum = 0;
            }

            parcels[owner] = (parcel, sum);
        }

        foreach ((WorkerId owner, (List<PageOffer> parcel, _)) in parcels)
        {
            if (parcel.Count > 0)
            {
                await queues[owner].Writer.WriteAsync([.. parcel], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(
        WorkerId worker, ChannelReader<PageOffer[]> parcels, StayingWorkers staying, ConcurrentQueue<PageOffer> refused, long[] taken, CancellationToken cancellationToken)
    {
        bool isLost = false;
        try
        {
            await foreach (PageOffer[] parcel in parcels.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                long bytes = isLost || !staying.Contains(worker) ? PageOffer.Refused : await OfferAsync(worker, parcel, cancellationToken).ConfigureAwait(false);
                isLost |= bytes == NoAnswer;
                if (bytes == PageOffer.Refused && !isLost)
                {
                    staying.Remove(worker);
                    Array.ForEach(parcel, refused.Enqueue);
                }

                Interlocked.Add(ref taken[0], Math.Max(0, bytes));
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }

    /// <returns>Bytes taken, <see cref="PageOffer.Refused"/>, or <see cref="NoAnswer"/>: the rest for such a worker is dropped, it must not hold up the others.</returns>
    private async Task<long> OfferAsync(WorkerId worker, PageOffer[] parcel, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<IWorkerGrain>(worker.Value).TakeOverAsync(parcel, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            PeersLog.HandOverFailed(log, worker, e.Message);
            return NoAnswer;
        }
    }
}
