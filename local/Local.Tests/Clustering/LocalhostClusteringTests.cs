using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Local.Tests.Clustering;

public sealed class LocalhostClusteringTests
{
    [Fact]
    public async Task PrimaryInAnotherProcess_Start_IsRefusedWithAdvice()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort: 1, gatewayPort: 0, primarySiloEndpoint: new IPEndPoint(IPAddress.Loopback, 2)));
        using IHost host = builder.Build();
        OrleansConfigurationException e = await Assert.ThrowsAsync<OrleansConfigurationException>(() => host.StartAsync());
        Assert.Contains("UseAdoNetClustering", e.Message, StringComparison.Ordinal);
    }
}
