using System.Diagnostics;
using Dora.Diagnostics;

namespace Dora.Storage.Ufs;

/// <summary>Measures requests to under stores, and puts spans around them, while somebody listens. All requests for files of readers, loads and listings come through here.</summary>
/// <param name="time">The clock.</param>
internal sealed class StoreRequests(TimeProvider time)
{
    /// <summary>Reads bytes.</summary>
    public ValueTask<UfsReadResult> ReadAsync(IUfs store, string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken) => IsListening
        ? ObservedAsync("read", () => store.ReadAsync(path, version, offset, destination, cancellationToken), static r => r.Status)
        : store.ReadAsync(path, version, offset, destination, cancellationToken);

    /// <summary>Asks what is at a path: conditionally when a version is known and the store can.</summary>
    public ValueTask<UfsStatResult> StatAsync(IUfs store, string path, FileVersion known, CancellationToken cancellationToken) => IsListening
        ? ObservedAsync("stat", () => AskAsync(store, path, known, cancellationToken), static r => r.Status)
        : AskAsync(store, path, known, cancellationToken);

    /// <summary>Lists a directory.</summary>
    public ValueTask<UfsListResult> ListAsync(IUfs store, string path, string? continuation, int limit, CancellationToken cancellationToken) => IsListening
        ? ObservedAsync("list", () => store.ListAsync(path, continuation, limit, cancellationToken), static r => r.Status)
        : store.ListAsync(path, continuation, limit, cancellationToken);

    private static bool IsListening => DoraInstruments.StoreRequestDuration.Enabled || DoraDiagnostics.Activities.HasListeners();

    private static ValueTask<UfsStatResult> AskAsync(IUfs store, string path, FileVersion known, CancellationToken cancellationToken) =>
        !known.IsNone && store.Capabilities.HasFlag(UfsCapabilities.ConditionalStat)
            ? store.StatIfChangedAsync(path, known, cancellationToken)
            : store.StatAsync(path, cancellationToken);

    private async ValueTask<T> ObservedAsync<T>(string operation, Func<ValueTask<T>> request, Func<T, UfsStatus> statusOf)
    {
        KeyValuePair<string, object?> label = DoraInstruments.Label(DoraLabels.Operation, operation);
        using Activity? span = DoraDiagnostics.Start("dora.store", ActivityKind.Client)?.SetTag(label.Key, label.Value);
        long start = time.GetTimestamp();
        DoraErrorCode code = DoraErrorCode.Unavailable;
        try
        {
            T result = await request().ConfigureAwait(false);
            UfsStatus status = statusOf(result);
            code = status == UfsStatus.NotModified ? DoraErrorCode.None : status.ToErrorCode();
            return result;
        }
        finally
        {
            double seconds = time.GetElapsedTime(start).TotalSeconds;
            if (code == DoraErrorCode.None)
            {
                DoraInstruments.StoreRequestDuration.Record(seconds, label);
            }
            else
            {
                span.Fail(code);
                DoraInstruments.StoreRequestDuration.Record(seconds, label, DoraInstruments.Label(DoraLabels.ErrorType, code.ToString()));
            }
        }
    }
}
