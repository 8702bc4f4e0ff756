using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Orleans.Clustering.AdoNet;

/// <summary>The gateways of the active silos in the membership table.</summary>
internal sealed class AdoNetGatewayListProvider(IOptions<ClusterOptions> cluster, IOptions<AdoNetClusteringClientOptions> options, IOptions<GatewayOptions> gateways) : IGatewayListProvider
{
    private RelationalStorage _storage = null!;

    public TimeSpan MaxStaleness => gateways.Value.GatewayListRefreshPeriod;

    [Obsolete("This attribute is no longer used and all providers are considered updatable")]
    public bool IsUpdatable => true;

    public async Task InitializeGatewayListProvider() =>
        _storage = await RelationalStorage.OpenAsync(options.Value.Invariant, options.Value.ConnectionString, "GatewaysQueryKey").ConfigureAwait(false);

    public async Task<IList<Uri>> GetGateways() => await _storage.ReadAsync(
        "GatewaysQueryKey",
        [("DeploymentId", cluster.Value.ClusterId), ("Status", (int)SiloStatus.Active)],
        row => SiloAddress.New(
            IPAddress.Parse((string)row["Address"]), row.GetInt32(row.GetOrdinal("ProxyPort")), row.GetInt32(row.GetOrdinal("Generation"))).ToGatewayUri()).ConfigureAwait(false);
}
