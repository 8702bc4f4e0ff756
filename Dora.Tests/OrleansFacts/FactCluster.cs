using Dora.Tests.OrleansFacts.Grains;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansFacts;

/// <summary>Clusters in this process, set up as Dora sets up its own.</summary>
internal static class FactCluster
{
    internal static readonly TimeSpan MinimumReminderPeriod = TimeSpan.FromMilliseconds(50);

    internal static InProcessTestClusterBuilder Builder(short silos, Action<ISiloBuilder>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ConfigureFileLogging = false;
#pragma warning disable ORLEANSEXP003 // Dora needs the distributed directory: the default one drops healthy activations when a silo leaves.
        builder.Options.UseDistributedGrainDirectory = true;
#pragma warning restore ORLEANSEXP003
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddPlacementDirector<HintedPlacement, HintedPlacementDirector>();
            silo.UseInMemoryReminderService();
            silo.Configure<ReminderOptions>(static o =>
            {
                o.MinimumReminderPeriod = MinimumReminderPeriod;
                // A reminder registered while silos join may be overlooked until the list is read again: by default, for five minutes.
                o.RefreshReminderListPeriod = TimeSpan.FromSeconds(1);
            });
            silo.Configure<SiloMessagingOptions>(static o => o.ResponseTimeout = TimeSpan.FromSeconds(10));
            silo.Configure<GrainDirectoryOptions>(static o => o.RangeLeaseDuration = TimeSpan.Zero);
            configure?.Invoke(silo);
        });
        builder.ConfigureClient(static client => client.Configure<ClientMessagingOptions>(static o => o.ResponseTimeout = TimeSpan.FromSeconds(10)));
        return builder;
    }

    internal static async Task<InProcessTestCluster> StartAsync(short silos, Action<ISiloBuilder>? configure = null)
    {
        InProcessTestCluster cluster = Builder(silos, configure).Build();
        await cluster.DeployAsync();
        return cluster;
    }

    /// <summary>The factory of the silo's own client.</summary>
    internal static IGrainFactory Factory(this InProcessSiloHandle silo) => silo.Service<IGrainFactory>();

    internal static T Service<T>(this InProcessSiloHandle silo)
        where T : notnull => silo.ServiceProvider.GetRequiredService<T>();

    /// <summary>Runs the first call of a grain with a placement hint.</summary>
    internal static async Task PlaceAsync(this IFactGrain grain, InProcessSiloHandle silo)
    {
        // The change of the context ends with this method.
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo.SiloAddress);
        Assert.Equal(silo.SiloAddress, await grain.WhereAsync());
    }
}
