using Dora.Storage.Pages;
using Dora.Storage.Ufs;

namespace Dora.Storage.Files;

/// <summary>Carries fetches out: budget, request to the store, bytes to the waiters, bytes to the page store. Independent of who waits: a waiter that leaves stops nothing.</summary>
internal sealed class FetchRunner(FetchTable table, CancellationToken stop)
{
    /// <summary>Runs a fetch; never faults.</summary>
    public async Task RunAsync(ExtentFetch fetch, PagedFile file, IUfs store, string relative)
    {
        FetchOutcome outcome;
        try
        {
            await fetch.RentAsync().ConfigureAwait(false);
            outcome = fetch.Recheck && await TryReadBackAsync(fetch, file).ConfigureAwait(false)
                ? new FetchOutcome(DoraErrorCode.None)
                : await RequestAsync(fetch, store, relative).ConfigureAwait(false);

            // The waiters do not wait for the disk.
            fetch.SetFetched(outcome);
            if (outcome.FromStore)
            {
                PutOutcome put = await file.PutAsync(fetch.Range.Offset, fetch.Buffer, CancellationToken.None).ConfigureAwait(false);
                outcome = outcome with { Put = put };
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

        table.Remove(fetch);
        fetch.SetStored(outcome);
        fetch.Release();
    }

    /// <summary>One request to the store, straight to the caller's memory.</summary>
    public static async ValueTask<FetchOutcome> RequestAsync(
        FileMetadata file, ByteRange range, Memory<byte> destination, IUfs store, string relative, CancellationToken cancellationToken)
    {
        UfsReadResult result = await store.ReadAsync(relative, file.Version, range.Offset, destination, cancellationToken).ConfigureAwait(false);
        return result.Status != UfsStatus.Ok
                ? new FetchOutcome(result.Status.ToErrorCode(), result.Error ?? $"the store of '{file.UfsPath}' answered {result.Status}")
            : result.Bytes != range.Length
                ? new FetchOutcome(DoraErrorCode.VersionChanged, $"'{file.UfsPath}' is shorter than when it was opened: open it again")
            : new FetchOutcome(DoraErrorCode.None, FromStore: true);
    }

    private static async ValueTask<bool> TryReadBackAsync(ExtentFetch fetch, PagedFile file) =>
        file.Probe(fetch.Range.Offset, fetch.Range.Length) == fetch.Range.Length
        && await file.ReadAsync(fetch.Range.Offset, fetch.Buffer, CancellationToken.None).ConfigureAwait(false) == fetch.Range.Length;

    private ValueTask<FetchOutcome> RequestAsync(ExtentFetch fetch, IUfs store, string relative) =>
        RequestAsync(fetch.File, fetch.Range, fetch.Buffer, store, relative, stop);
}
