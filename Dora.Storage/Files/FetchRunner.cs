using System.Diagnostics;
using Dora.Diagnostics;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Dora.Storage.Ufs;

namespace Dora.Storage.Files;

/// <summary>Carries fetches out: budget, question to other workers, request to the store, bytes to the waiters, bytes to the page store. Independent of who waits: a waiter that leaves stops nothing.</summary>
internal sealed class FetchRunner(FetchTable table, IPagePeers peers, StoreRequests requests, CancellationToken stop)
{
    private long _storeBytes;

    /// <summary>Bytes read from the stores since start.</summary>
    public long StoreBytes => Interlocked.Read(ref _storeBytes);

    /// <summary>Runs a fetch; never faults.</summary>
    public async Task RunAsync(ExtentFetch fetch, PagedFile file, IUfs store, string relative, PagePlacement placement)
    {
        using Activity? span = DoraDiagnostics.Start("dora.fill");
        FetchOutcome outcome;
        try
        {
            await fetch.RentAsync().ConfigureAwait(false);

            // The claimed blocks are this fetch's alone, so what is not stored now is stored by nobody else until it ends.
            fetch.Requested = fetch.Recheck
                ? file.CopyCached(fetch.Range, fetch.Buffer.Span)
                : [fetch.Range];
            outcome = await RequestAsync(fetch, store, relative).ConfigureAwait(false);

            // The waiters do not wait for the disk.
            fetch.SetFetched(outcome);
            if (outcome.Code == DoraErrorCode.None)
            {
                outcome = outcome with { Put = Put(fetch, file, placement) };
            }
        }
        catch (ObjectDisposedException)
        {
            outcome = new FetchOutcome(DoraErrorCode.Unavailable, "the worker is stopping: try another", Put: PutOutcome.Failed);
        }
        catch (Exception e)
        {
            (DoraErrorCode code, string error) = stop.IsCancellationRequested
                ? (DoraErrorCode.Unavailable, "the worker is stopping: try another")
                : StoreFailure.Describe(e, fetch.File.UfsPath);
            outcome = new FetchOutcome(code, error, Put: PutOutcome.Failed);
        }

        if (outcome.Code != DoraErrorCode.None)
        {
            span.Fail(outcome.Code);
        }

        table.Remove(fetch);
        fetch.SetStored(outcome);
        fetch.Release();
    }

    /// <summary>One request to the store, straight to the caller's memory.</summary>
    public async ValueTask<FetchOutcome> RequestAsync(
        FileMetadata file, ByteRange range, Memory<byte> destination, IUfs store, string relative, CancellationToken cancellationToken)
    {
        UfsReadResult result = await requests.ReadAsync(store, relative, file.Version, range.Offset, destination, cancellationToken).ConfigureAwait(false);
        Interlocked.Add(ref _storeBytes, result.Bytes);
        return result.Status != UfsStatus.Ok
                ? new FetchOutcome(result.Status.ToErrorCode(), result.Error ?? $"the store of '{file.UfsPath}' answered {result.Status}")
            : result.Bytes != range.Length
                ? new FetchOutcome(UfsStatus.Short.ToErrorCode(), UfsMessages.Short(file.UfsPath, range.Offset + result.Bytes, file.Length))
            : new FetchOutcome(DoraErrorCode.None);
    }

    /// <summary>
    /// The requests of a fetch, one after the other: more than one only when others stored parts between its look and its claim. What other workers have
    /// is not asked of the store.
    /// </summary>
    private async ValueTask<FetchOutcome> RequestAsync(ExtentFetch fetch, IUfs store, string relative)
    {
        var outcome = new FetchOutcome(DoraErrorCode.None);
        List<ByteRange> fromStore = [];
        for (int i = 0; i < fetch.Requested.Count && outcome.Code == DoraErrorCode.None; i++)
        {
            ByteRange part = fetch.Requested[i];
            int given = await peers.ReadAsync(fetch.File, part, Of(fetch, part), stop).ConfigureAwait(false);
            var rest = new ByteRange(part.Offset + given, part.Length - given);
            if (!rest.IsEmpty)
            {
                fromStore.Add(rest);
                outcome = await RequestAsync(fetch.File, rest, Of(fetch, rest), store, relative, stop).ConfigureAwait(false);
            }
        }

        fetch.FromStore = fromStore;
        return outcome;
    }

    private static PutOutcome Put(ExtentFetch fetch, PagedFile file, PagePlacement placement)
    {
        PutOutcome worst = PutOutcome.Stored;
        foreach (ByteRange part in fetch.Requested)
        {
            PutOutcome outcome = file.Put(part.Offset, Of(fetch, part).Span, placement);
            worst = outcome is PutOutcome.Full or PutOutcome.Failed ? outcome : worst;
        }

        return worst;
    }

    private static Memory<byte> Of(ExtentFetch fetch, ByteRange part) =>
        fetch.Buffer.Slice((int)(part.Offset - fetch.Range.Offset), (int)part.Length);
}
