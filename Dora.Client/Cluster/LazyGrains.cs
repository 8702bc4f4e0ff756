namespace Dora.Client.Cluster;

/// <summary>Starts an Orleans client when the first call needs one: that costs half a second of processor time, and a connection to a gateway.</summary>
/// <param name="options">Where the cluster is.</param>
internal sealed class LazyGrains(DoraClientOptions options) : IGrainSource, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private Task<ClusterConnection>? _opening;

    /// <inheritdoc/>
    public async ValueTask<IGrainFactory> GetAsync(CancellationToken cancellationToken)
    {
        Task<ClusterConnection> opening;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(DoraClient));
            if (_opening is null or { IsFaulted: true } or { IsCanceled: true })
            {
                // One attempt for all who wait, which none of them can cancel; one that failed is not remembered.
                CancellationToken closing = _closing.Token;
                _opening = Task.Run(() => ClusterConnection.OpenAsync(options, closing), closing);
            }

            opening = _opening;
        }

        ClusterConnection connection = await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        return connection.Grains;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<ClusterConnection>? opening;
        lock (_lock)
        {
            _closing.Cancel();
            opening = _opening;
        }

        if (opening is not null)
        {
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (opening.IsCompletedSuccessfully)
            {
                await opening.Result.DisposeAsync().ConfigureAwait(false);
            }
        }

        _closing.Dispose();
    }
}
