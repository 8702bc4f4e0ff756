using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Dora.Client.Cluster;

/// <summary>The Orleans client of a <see cref="DoraClient"/> that lives in a program of its own: control plane only, no byte of a file goes through it.</summary>
internal sealed class ClusterConnection : IAsyncDisposable
{
    // In-flight calls are not failed when a gateway dies, they wait for this; and only the refreshed list drops a gateway that is hung.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    private readonly IHost _host;

    private ClusterConnection(IHost host) => _host = host;

    /// <summary>Where the cluster's grains are.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IClusterClient>();

    /// <summary>Connects, trying again until the connect timeout is over.</summary>
    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.Unavailable"/>: nobody answered. <see cref="DoraErrorCode.Configuration"/>: there is no such cluster.
    /// </exception>
    public static async Task<ClusterConnection> OpenAsync(DoraClientOptions options, CancellationToken cancellationToken)
    {
        IHost host = Build(options);
        using var timeout = new CancellationTokenSource(options.Timeouts.Connect, options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await host.StartAsync(linked.Token).ConfigureAwait(false);
            return new ClusterConnection(host);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is OperationCanceledException or OrleansException or TimeoutException)
        {
            await DisposeAsync(host).ConfigureAwait(false);
            throw Unanswered(options, e);
        }
        catch (DbException e)
        {
            await DisposeAsync(host).ConfigureAwait(false);
            throw Unreadable(options.Cluster ?? string.Empty, e);
        }
        catch
        {
            await DisposeAsync(host).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Nobody of the cluster answered in the time that connecting may take.</summary>
    public static DoraException Unanswered(DoraClientOptions options, Exception cause) => new(
        DoraErrorCode.Unavailable,
        $"no worker of cluster '{options.ClusterId}' at {Where(options)} answered within {options.Timeouts.Connect.TotalSeconds:0.#} s: start workers with 'dora up', or check the address",
        cause);

    /// <summary>The cluster's database is none.</summary>
    public static DoraException Unreadable(string cluster, Exception cause) => new(
        DoraErrorCode.Configuration, $"the cluster's database at '{cluster}' cannot be read ({cause.Message}): give the right directory, or see 'dora doctor'", cause);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(CallTimeout);
        try
        {
            await _host.StopAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The cluster is out of reach; there is nobody to say goodbye to.
        }

        await DisposeAsync(_host).ConfigureAwait(false);
    }

    private static IHost Build(DoraClientOptions options)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (options.ClusterId ?? ClusterNames.DefaultClusterId, ClusterNames.ServiceId));
            client.Configure<ClientMessagingOptions>(static o => o.ResponseTimeout = CallTimeout);
            client.Configure<GatewayOptions>(static o => o.GatewayListRefreshPeriod = GatewayRefresh);
            client.UseConnectionRetryFilter(async (exception, token) =>
            {
                ClientLog.ConnectRetried(options.LoggerFactory.CreateLogger(typeof(DoraClient).FullName!), exception);
                await Task.Delay(RetryPause, options.TimeProvider, token).ConfigureAwait(false);
                return true;
            });
            if (options.Cluster is { } cluster)
            {
                string connectionString = ExistingAddress(cluster).ConnectionString;
                client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (ClusterAddress.Invariant, connectionString));
            }
            else
            {
                client.UseStaticClustering([.. options.Gateways]);
            }
        });
        return builder.Build();
    }

    private static ClusterAddress ExistingAddress(string cluster)
    {
        ClusterAddress address = ClusterAddress.Parse(cluster);
        return address.Exists
            ? address
            : throw new DoraException(
                DoraErrorCode.Configuration,
                $"there is no cluster at '{address}' ('{address.DatabaseFile}' does not exist): start one with 'dora up --data {address}', or give the right directory");
    }

    private static string Where(DoraClientOptions options) => options.Cluster is { } cluster ? $"'{cluster}'" : string.Join(", ", options.Gateways);

    private static async ValueTask DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            host.Dispose();
        }
    }

    /// <summary>A client inside somebody's program must not listen for Ctrl-C, as hosts do by default.</summary>
    private sealed class PassiveLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
