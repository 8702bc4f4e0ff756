using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The silo of this host.</summary>
internal sealed class LocalSilo : ILocalSiloDetails
{
    public LocalSilo(IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster, IOptions<EndpointOptions> endpoints)
    {
        Name = silo.Value.SiloName ?? $"Silo_{Guid.NewGuid().ToString("N")[..5]}";
        ClusterId = cluster.Value.ClusterId;
        SiloAddress = SiloAddress.New(endpoints.Value.AdvertisedIPAddress, endpoints.Value.SiloPort, SiloAddress.AllocateNewGeneration());
        GatewayAddress = SiloAddress.New(endpoints.Value.AdvertisedIPAddress, endpoints.Value.GatewayPort, SiloAddress.Generation);
    }

    public string Name { get; }

    public string ClusterId { get; }

    public string DnsHostName { get; } = Environment.MachineName;

    public SiloAddress SiloAddress { get; }

    public SiloAddress GatewayAddress { get; }
}
