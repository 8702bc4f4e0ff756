using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Options and services of a silo.</summary>
public static class SiloBuilderExtensions
{
    public static ISiloBuilder ConfigureServices(this ISiloBuilder builder, Action<IServiceCollection> configureDelegate)
    {
        configureDelegate(builder.Services);
        return builder;
    }

    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions)
        where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }

    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, IConfiguration configuration)
        where TOptions : class
    {
        builder.Services.AddOptions<TOptions>().Bind(configuration);
        return builder;
    }
}

/// <summary>Work done when a silo starts.</summary>
public static class SiloBuilderStartupExtensions
{
    public static ISiloBuilder AddStartupTask<TStartup>(this ISiloBuilder builder, int stage = ServiceLifecycleStage.Active)
        where TStartup : class, IStartupTask =>
        builder.AddStartupTask((services, ct) => ActivatorUtilities.GetServiceOrCreateInstance<TStartup>(services).Execute(ct), stage);

    public static ISiloBuilder AddStartupTask(this ISiloBuilder builder, IStartupTask startupTask, int stage = ServiceLifecycleStage.Active) =>
        builder.AddStartupTask((_, ct) => startupTask.Execute(ct), stage);

    public static ISiloBuilder AddStartupTask(this ISiloBuilder builder, Func<IServiceProvider, CancellationToken, Task> startupTask, int stage = ServiceLifecycleStage.Active)
    {
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => new StartupTask(services, startupTask, stage));
        return builder;
    }

    private sealed class StartupTask(IServiceProvider services, Func<IServiceProvider, CancellationToken, Task> task, int stage) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<StartupTask>(stage, ct => task(services, ct));
    }
}

/// <summary>How silos find each other when nothing is shared but the process, and the directory.</summary>
public static class CoreHostingExtensions
{
    /// <summary>A cluster inside this process: membership lives in memory.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = Configuration.EndpointOptions.DEFAULT_SILO_PORT,
        int gatewayPort = Configuration.EndpointOptions.DEFAULT_GATEWAY_PORT,
        System.Net.IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        builder.Configure<Configuration.EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = System.Net.IPAddress.Loopback;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
        });
        builder.Configure<Configuration.ClusterOptions>(options =>
        {
            options.ServiceId = serviceId;
            options.ClusterId = clusterId;
        });
        var primaryPort = primarySiloEndpoint?.Port ?? siloPort;
        var table = InMemoryMembershipTable.OfProcess($"{clusterId}:{primaryPort}");
        builder.Services.AddSingleton<IMembershipTable>(table);
        return primaryPort == siloPort ? builder : builder.AddStartupTask((_, _) => RequirePrimaryAsync(table, primaryPort), ServiceLifecycleStage.RuntimeInitialize - 1);
    }

    // Another process would begin a cluster of its own without a word.
    private static async Task RequirePrimaryAsync(InMemoryMembershipTable table, int primaryPort)
    {
        var data = await table.ReadAll().ConfigureAwait(false);
        if (!data.Members.Any(row => row.Item1.SiloAddress.Endpoint.Port == primaryPort))
            throw new OrleansConfigurationException(
                $"UseLocalhostClustering: the primary silo with port {primaryPort} is not in this process. Here its membership lives in memory: start the primary first, or use UseAdoNetClustering for several processes.");
    }

    /// <summary>The directory of Orleans.Local always keeps healthy activations: this changes nothing.</summary>
    [Experimental("ORLEANSEXP003")]
    public static ISiloBuilder AddDistributedGrainDirectory(this ISiloBuilder siloBuilder, string? name = null) => siloBuilder;
}
