using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>The gateways of the active silos in a membership table.</summary>
internal sealed class TableGatewayListProvider(IMembershipTable table) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(1);

    [Obsolete("This attribute is no longer used and all providers are considered updatable")]
    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways()
    {
        var data = await table.ReadAll().ConfigureAwait(false);
        return [.. data.Members.Select(row => row.Item1)
            .Where(entry => entry.Status == SiloStatus.Active && entry.ProxyPort > 0)
            .Select(entry => SiloAddress.New(entry.SiloAddress.Endpoint.Address, entry.ProxyPort, entry.SiloAddress.Generation).ToGatewayUri())];
    }
}

/// <summary>Stops the silo's host, once, instead of ending the test process.</summary>
internal sealed class HostTerminator(ILogger<HostTerminator> logger)
{
    private IHost? _host;

    public void Attach(IHost host) => _host = host;

    public void Stop()
    {
        if (Interlocked.Exchange(ref _host, null) is { } host)
            _ = Task.Run(() => StopAsync(host));
    }

    private async Task StopAsync(IHost host)
    {
        try
        {
            await host.StopAsync(new CancellationToken(true)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "Failed to stop a test silo after a fatal error.");
        }
    }
}

/// <summary>A fatal error of a test silo stops that silo only.</summary>
internal sealed class StopHostOnFatalError(HostTerminator terminator, ILogger<StopHostOnFatalError> logger) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        logger.LogError(exception, "Fatal error from {Sender}: {Context}. The silo stops.", sender, context);
        terminator.Stop();
    }
}
