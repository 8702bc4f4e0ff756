using Dora.Grains;
using Dora.Grains.ClusterStore;
using Dora.PageChannel.Client;
using Dora.PageChannel.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dora.Silo.Hosting;

/// <summary>A running worker: its data directory, its ports, and its host. Disposing it stops it.</summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    private const int PortAttempts = 3;

    // Beside the time that handing over may take.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

    private readonly DataDirectory _data;
    private readonly PageChannelListener _listener;
    private readonly IHost _host;

    private WorkerHost(DataDirectory data, PageChannelListener listener, IHost host, WorkerPorts ports) =>
        (_data, _listener, _host, Ports) = (data, listener, host, ports);

    public WorkerId WorkerId => _data.WorkerId;

    /// <summary>What was changed so that other users cannot read it, a line each.</summary>
    public IReadOnlyList<string> Mended { get; private set; } = [];

    public WorkerPorts Ports { get; }

    public int PagePort => _listener.EndPoint.Port;

    /// <summary>The process' own door to the cluster.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>The process' workers, for its own clients.</summary>
    public LocalWorkers LocalWorkers => _host.Services.GetRequiredService<LocalWorkers>();

    /// <summary>Starts a worker and waits until it is an active member that serves.</summary>
    /// <exception cref="DoraException">Something is in the way; the message is one line.</exception>
    public static async Task<WorkerHost> StartAsync(WorkerOptions options, WorkerProcessOptions process, TimeProvider time, CancellationToken cancellationToken)
    {
        WorkerOptionsCheck.ThrowIfInvalid(options);
        DataDirectory data = await DataDirectory.OpenAsync(options.DataDirectory, options.WorkerId, process.LockWait, time, cancellationToken).ConfigureAwait(false);
        PageChannelListener? listener = null;
        try
        {
            string[] mended = [.. new[] { data.Mended, ClusterFiles.Open(options.ClusterAddress) }.OfType<string>()];
            options = options with { ClusterId = ClusterIdentity.Resolve(options) };
            await OrleansTables.EnsureAsync(options.ClusterAddress, cancellationToken).ConfigureAwait(false);
            using (ILoggerFactory early = LoggerFactory.Create(l => l.AddDoraWorkerLog(process, data.Log)))
            {
                Array.ForEach(mended, line => HostingLog.Mended(early.CreateLogger<WorkerHost>(), line));
                listener = PageChannelListener.Bind(PageChannel(options, data.WorkerId), time, early.CreateLogger<PageChannelListener>());
            }

            WorkerHost worker = await StartAsync(options, process, data, listener, time, cancellationToken).ConfigureAwait(false);
            worker.Mended = mended;
            return worker;
        }
        catch
        {
            if (listener is not null)
            {
                await listener.DisposeAsync().ConfigureAwait(false);
            }

            data.Dispose();
            throw;
        }
    }

    /// <summary>What a worker serves its page channel with.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: a token or certificate cannot be used.</exception>
    public static PageChannelServerOptions PageChannel(WorkerOptions options, WorkerId worker)
    {
        ChannelSecurity security = ChannelSecurity.Load(options);
        return new PageChannelServerOptions
        {
            Address = options.Address,
            Port = options.PagePort,
            ClusterId = options.ClusterId ?? ClusterNames.DefaultClusterId,
            WorkerId = worker,
            Authenticator = security.Authenticator,
            Tls = security.Server,
            PollTime = options.PollTime,
        };
    }

    /// <summary>Asks the worker to stop.</summary>
    public void RequestStop() => _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

    /// <summary>Waits until the worker was asked to stop, by <see cref="RequestStop"/> or a signal, and has handed over and stopped.</summary>
    public Task WaitForStopAsync() => _host.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync(_host).ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        _data.Dispose();
    }

    private static async Task<WorkerHost> StartAsync(
        WorkerOptions options, WorkerProcessOptions process, DataDirectory data, PageChannelListener listener, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            WorkerPorts ports = WorkerPorts.Choose(options, attempt == 1 ? data.LastSiloPort() : 0);
            data.RememberSiloPort(ports.Silo);
            IHost host = Build(options, process, data, listener, ports, time);
            try
            {
                await host.StartAsync(cancellationToken).ConfigureAwait(false);
                await host.Services.WaitForWorkerAsync(data.WorkerId, cancellationToken).ConfigureAwait(false);
                return new WorkerHost(data, listener, host, ports);
            }
            catch (Exception e) when (PortTaken.Is(e) && attempt < PortAttempts && (options.SiloPort == 0 || options.GatewayPort == 0))
            {
                // Between looking for a free port and listening on it somebody else took it: look again.
                await StopAsync(host).ConfigureAwait(false);
            }
            catch
            {
                await StopAsync(host).ConfigureAwait(false);
                throw;
            }
        }
    }

    private static IHost Build(
        WorkerOptions options, WorkerProcessOptions process, DataDirectory data, PageChannelListener listener, WorkerPorts ports, TimeProvider time)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "dora-worker" });
        builder.Services.AddSingleton(time);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = StopTimeout + options.HandOverTime);
        builder.Logging.AddDoraWorkerLog(process, data.Log);
        builder.UseOrleans(silo => silo.UseDoraCluster(options, ports).AddDoraWorker(options, data, listener));
        return builder.Build();
    }

    private static async Task StopAsync(IHost host)
    {
        using var deadline = new CancellationTokenSource(host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        await host.StopAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
    }
}
