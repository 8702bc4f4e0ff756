namespace Dora.PageChannel.Client;

/// <summary>A place for one connection. Those who need it while it is being made wait for the same attempt.</summary>
/// <param name="connect">Makes a connection.</param>
internal sealed class ConnectionSlot(Func<Task<ConnectResult>> connect)
{
    private readonly Lock _lock = new();
    private PageChannelConnection? _connection;
    private Task<ConnectResult>? _connecting;
    private bool _isRetired;

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

    /// <summary>Lets the requests on the connection end and then closes it, also one that is being made.</summary>
    public void Retire()
    {
        PageChannelConnection? connection;
        lock (_lock)
        {
            _isRetired = true;
            connection = _connection;
        }

        connection?.Retire();
    }

    /// <summary>Closes the connection at once, also one that is being made, whose attempt the caller has cancelled.</summary>
    public async Task CloseAsync()
    {
        Task<ConnectResult>? connecting;
        lock (_lock)
        {
            _isRetired = true;
            connecting = _connecting;
        }

        if (connecting is not null)
        {
            await connecting.ConfigureAwait(false);
        }

        if (Volatile.Read(ref _connection) is { } connection)
        {
            await connection.CloseAsync().ConfigureAwait(false);
        }
    }

    private async Task<ConnectResult> MakeAsync()
    {
        // Off the lock of who asked first.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        ConnectResult result;
        try
        {
            result = await connect().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A surprise must not stay here as the attempt that everybody waits for.
            result = new ConnectResult(null, default, e.Message);
        }

        bool isRetired;
        lock (_lock)
        {
            _connection = result.Connection ?? _connection;
            _connecting = null;
            isRetired = _isRetired;
        }

        if (isRetired)
        {
            result.Connection?.Retire();
        }

        return result;
    }
}
