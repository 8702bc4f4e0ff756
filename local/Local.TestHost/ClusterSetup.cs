using System.Net;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Local.TestHost;

/// <summary>One machine, one SQLite file, quick failure detection.</summary>
public static class ClusterSetup
{
    private const string Invariant = "System.Data.SQLite";

    public static void Configure(ISiloBuilder silo, int siloPort, int gatewayPort, string connectionString) => silo
        .Configure<ClusterOptions>(SetCluster)
        .Configure<SiloOptions>(o => o.SiloName = $"w{siloPort}")
        .Configure<EndpointOptions>(o =>
        {
            o.AdvertisedIPAddress = IPAddress.Loopback;
            (o.SiloPort, o.GatewayPort) = (siloPort, gatewayPort);
            o.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, siloPort);
            o.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Loopback, gatewayPort);
        })
        .Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromSeconds(1);
            o.MinProbeTimeout = TimeSpan.FromSeconds(0.5);
            o.MaxProbeTimeout = TimeSpan.FromSeconds(1);
            o.NumMissedProbesLimit = 2;
            o.NumVotesForDeathDeclaration = 2;
            o.TableRefreshTimeout = TimeSpan.FromSeconds(3);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(3);
        })
        .Configure<GrainDirectoryOptions>(o => o.RangeLeaseDuration = TimeSpan.FromSeconds(3))
        .Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(2))
        .Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(1))
        .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, connectionString))
        .UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (Invariant, connectionString));

    public static void Configure(IClientBuilder client, string connectionString) => client
        .Configure<ClusterOptions>(SetCluster)
        .Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(2))
        .Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2))
        .UseConnectionRetryFilter((_, _) => Task.FromResult(true))
        .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, connectionString));

    private static void SetCluster(ClusterOptions options) => (options.ClusterId, options.ServiceId) = ("local-test", "local-test");
}
