using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>How silos find each other when nothing is shared but the process, and the directory.</summary>
public static class CoreHostingExtensions
{
    /// <summary>A cluster inside this process: membership lives in memory.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = EndpointOptions.DEFAULT_SILO_PORT,
        int gatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = IPAddress.Loopback;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
        });
        builder.Configure<ClusterOptions>(options =>
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
