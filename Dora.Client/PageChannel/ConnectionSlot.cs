namespace Dora.Client.PageChannel;

/// <summary>A place for one connection. Those who need it while it is being made wait for the same attempt.</summary>
/// <param name="connect">Makes a connection; never throws.</param>
internal sealed class ConnectionSlot(Func<Task<ConnectResult>> connect)
{
    private readonly Lock _lock = new();
    private PageChannelConnection? _connection;
    private Task<ConnectResult>? _connecting;

    /// <summary>The connection, when there is one and it is open.</summary>
    public PageChannelConnection? Open => Volatile.Read(ref _connection) is { IsOpen: true } connection ? connection : null;

    /// <summary>The open connection, or a new one.</summary>
    public Task<ConnectResult> ConnectAsync()
    {
        lock (_lock)
        {
            return Open is { } open
                ? Task.FromResult(new ConnectResult(open, default, null))
                : _connecting ??= MakeAsync();
        }
    }

    private async Task<ConnectResult> MakeAsync()
    {
        // Off the lock of who asked first.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        ConnectResult result = await connect().ConfigureAwait(false);
        lock (_lock)
        {
            _connection = result.Connection ?? _connection;
            _connecting = null;
        }

        return result;
    }
}
