using Microsoft.Extensions.DependencyInjection;
using Orleans.Clustering.AdoNet;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Orleans.Hosting;

/// <summary>Membership in a SQLite file.</summary>
public static class AdoNetHostingExtensions
{
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions)
    {
        builder.Services.AddSingleton<IMembershipTable, AdoNetClusteringTable>();
        return builder.Configure(configureOptions);
    }

    public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions)
    {
        builder.Services.AddSingleton<IGatewayListProvider, AdoNetGatewayListProvider>();
        return builder.Configure(configureOptions);
    }
}
