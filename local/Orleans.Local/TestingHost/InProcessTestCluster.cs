using System.Collections.ObjectModel;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Core.Internal;
using Orleans.Messaging;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Orleans.TestingHost;

/// <summary>A cluster of silos in this process, with a client that goes through their gateways. Frames are serialized; only the sockets are missing.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan StabilizationLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StabilizationPoll = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly List<InProcessSiloHandle> _silos = [];
    private readonly InProcessNetwork _network = new();
    private readonly InMemoryMembershipTable _table = new();
    private int _startedInstances;
    private bool _disposed;

    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    public InProcessTestClusterOptions Options { get; }

    public ReadOnlyCollection<InProcessSiloHandle> Silos
    {
        get
        {
            lock (_lock)
                return new List<InProcessSiloHandle>(_silos).AsReadOnly();
        }
    }

    public IClusterClient Client => ClientHost?.Services.GetRequiredService<IClusterClient>()
        ?? throw new InvalidOperationException("The test cluster client is unavailable because the cluster has not been deployed or has been stopped.");

    private IHost? ClientHost { get; set; }

    public async Task DeployAsync()
    {
        if (Silos.Count > 0)
            throw new InvalidOperationException("Cluster host already deployed.");
        try
        {
            await StartSilosAsync(Options.InitialSilosCount).ConfigureAwait(false);
            if (Options.InitializeClientOnDeploy)
                await InitializeClientAsync().ConfigureAwait(false);
            await WaitForLivenessToStabilizeAsync().ConfigureAwait(false);
        }
        catch
        {
            await StopAllSilosAsync().ConfigureAwait(false);
            throw;
        }
    }

    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null)
    {
        var silos = Silos;
        var handle = silo is null ? silos[0] : silos.FirstOrDefault(each => each.SiloAddress.Equals(silo));
        return handle?.SiloHost.Services ?? throw new ArgumentException($"The provided silo address '{silo}' is unknown.");
    }

    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos.Where(silo => silo.IsActive);

    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) => GetActiveSilos().FirstOrDefault(silo => silo.SiloAddress.Equals(siloAddress));

    public bool TryGetGrainContext(GrainId grainId, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IGrainContext? grainContext)
    {
        grainContext = Silos.Select(silo => silo.ServiceProvider.GetRequiredService<ActivationCatalog>().Find(grainId)).FirstOrDefault(context => context is not null);
        return grainContext is not null;
    }

    public Task WaitForDeactivationAsync(GrainId grainId) => TryGetGrainContext(grainId, out var context) ? context.Deactivated : Task.CompletedTask;

    public Task WaitForDeactivationAsync(IAddressable grain) => WaitForDeactivationAsync(grain.GetGrainId());

    public async Task DeactivateAsync(GrainId grainId)
    {
        if (!TryGetGrainContext(grainId, out var context))
            return;
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "DeactivateAsync was called."));
        await context.Deactivated.ConfigureAwait(false);
    }

    public Task DeactivateAsync(IAddressable grain) => DeactivateAsync(grain.GetGrainId());

    public async Task MigrateAsync(GrainId grainId, SiloAddress? targetSilo = null)
    {
        var deactivated = WaitForDeactivationAsync(grainId);
        if (targetSilo is not null)
            RequestContext.Set(IPlacementDirector.PlacementHintKey, targetSilo);
        await Client.GetGrain<IGrainManagementExtension>(grainId).MigrateOnIdle().ConfigureAwait(false);
        await deactivated.ConfigureAwait(false);
    }

    public Task MigrateAsync(IAddressable grain, SiloAddress? targetSilo = null) => MigrateAsync(grain.GetGrainId(), targetSilo);

    public InProcessSiloHandle StartAdditionalSilo() => StartAdditionalSiloAsync().GetAwaiter().GetResult();

    public async Task<InProcessSiloHandle> StartAdditionalSiloAsync() => (await StartSilosAsync(1).ConfigureAwait(false))[0];

    public async Task<List<InProcessSiloHandle>> StartSilosAsync(int silosToStart)
    {
        var first = Interlocked.Add(ref _startedInstances, silosToStart) - silosToStart;
        return [.. await Task.WhenAll(Enumerable.Range(first, silosToStart).Select(number => StartSiloAsync(number, Options))).ConfigureAwait(false)];
    }

    public async Task<InProcessSiloHandle> StartSiloAsync(int instanceNumber, InProcessTestClusterOptions clusterOptions)
    {
        var isGateway = instanceNumber == 0 || clusterOptions.GatewayPerSilo;
        var handle = await CreateSiloAsync(new InProcessTestSiloSpecificOptions
        {
            SiloName = $"Silo_{instanceNumber}",
            SiloPort = _network.AllocatePort(),
            GatewayPort = isGateway ? _network.AllocatePort() : 0,
        }).ConfigureAwait(false);
        handle.InstanceNumber = (short)instanceNumber;
        lock (_lock)
            _silos.Add(handle);
        return handle;
    }

    public Task<InProcessSiloHandle> CreateSiloAsync(InProcessTestSiloSpecificOptions siloOptions) => Task.Run(async () =>
    {
        var builder = NewHost(siloOptions.SiloName);
        foreach (var configure in Options.SiloHostConfigurationDelegates)
            configure(siloOptions, builder);
        builder.UseOrleans(silo => ConfigureSilo(silo, siloOptions));
        var host = builder.Build();
        try
        {
            host.Services.GetRequiredService<HostTerminator>().Attach(host);
            await host.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        return new InProcessSiloHandle { Name = siloOptions.SiloName, SiloHost = host, SiloAddress = details.SiloAddress, GatewayAddress = details.GatewayAddress };
    });

    public async Task InitializeClientAsync()
    {
        await StopClusterClientAsync().ConfigureAwait(false);
        var builder = NewHost("TestClusterClient");
        foreach (var configure in Options.ClientHostConfigurationDelegates)
            configure(builder);
        builder.UseOrleansClient(client =>
        {
            client.Services.Configure<ClusterOptions>(Identify);
            client.Services.AddSingleton<IGatewayListProvider>(new TableGatewayListProvider(_table));
            client.Services.Replace(ServiceDescriptor.Singleton<IGatewayConnector>(_network));
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        ClientHost = host;
    }

    public Task StopSiloAsync(InProcessSiloHandle instance) => StopSiloAsync(instance, stopGracefully: true);

    public Task KillSiloAsync(InProcessSiloHandle instance) => StopSiloAsync(instance, stopGracefully: false);

    public async Task<InProcessSiloHandle?> RestartSiloAsync(InProcessSiloHandle instance)
    {
        await StopSiloAsync(instance).ConfigureAwait(false);
        return await StartSiloAsync(instance.InstanceNumber, Options).ConfigureAwait(false);
    }

    public async Task StopSilosAsync()
    {
        foreach (var silo in Silos)
            await StopSiloAsync(silo).ConfigureAwait(false);
    }

    public void StopAllSilos() => StopAllSilosAsync().GetAwaiter().GetResult();

    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync().ConfigureAwait(false);
        await StopSilosAsync().ConfigureAwait(false);
    }

    public Task StopClusterClientAsync() => StopClientAsync(CancellationToken.None);

    public Task KillClientAsync() => StopClientAsync(new CancellationToken(true));

    /// <summary>Waits until every running silo sees exactly the running silos as active, knows their manifests and has settled its part of the directory.</summary>
    public async Task WaitForLivenessToStabilizeAsync(bool didKill = false)
    {
        using var limit = new CancellationTokenSource(StabilizationLimit, TimeProvider.System);
        while (!limit.IsCancellationRequested)
        {
            var silos = GetActiveSilos().ToList();
            var addresses = silos.Select(silo => silo.SiloAddress).ToHashSet();
            if (silos.TrueForAll(silo => silo.ServiceProvider.GetRequiredService<ClusterView>().IsSettled(addresses)))
                return;
            await Task.Delay(StabilizationPoll, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        }
    }

    public Task WaitForClusterManifestToStabilizeAsync(bool didKill = false) => WaitForLivenessToStabilizeAsync(didKill);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await StopAllSilosAsync().ConfigureAwait(false);
    }

    public void Dispose() => Task.Run(async () => await DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();

    private static HostApplicationBuilder NewHost(string name) =>
        Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = name, EnvironmentName = Environments.Development, DisableDefaults = true });

    private void Identify(ClusterOptions options)
    {
        options.ClusterId = Options.ClusterId;
        options.ServiceId = Options.ServiceId;
    }

    private void ConfigureSilo(Hosting.ISiloBuilder silo, InProcessTestSiloSpecificOptions siloOptions)
    {
        silo.Services.Configure<ClusterOptions>(Identify);
        silo.Services.Configure<SiloOptions>(options => options.SiloName = siloOptions.SiloName);
        silo.Services.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = IPAddress.Loopback;
            options.SiloPort = siloOptions.SiloPort;
            options.GatewayPort = siloOptions.GatewayPort;
        });
        silo.Services.AddSingleton<IMembershipTable>(_table);
        silo.Services.AddSingleton<HostTerminator>();
        silo.Services.Replace(ServiceDescriptor.Singleton<IFatalErrorHandler, StopHostOnFatalError>());
        silo.Services.Replace(ServiceDescriptor.Singleton<IGrainMessageTransport>(_ => new InProcessTransport(_network)));
    }

    private async Task StopSiloAsync(InProcessSiloHandle instance, bool stopGracefully)
    {
        try
        {
            await instance.StopSiloAsync(stopGracefully).ConfigureAwait(false);
        }
        finally
        {
            await instance.DisposeAsync().ConfigureAwait(false);
            lock (_lock)
                _silos.Remove(instance);
        }
    }

    private async Task StopClientAsync(CancellationToken ct)
    {
        if (ClientHost is not { } host)
            return;
        ClientHost = null;
        await host.StopAsync(ct).ConfigureAwait(false);
        host.Dispose();
    }
}
