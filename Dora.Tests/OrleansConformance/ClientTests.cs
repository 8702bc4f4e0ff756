using System.Net;
using System.Net.Sockets;
using Dora.Tests.OrleansConformance.Grains;
using Dora.Tests.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime.Messaging;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class ClientTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Calls_AThousandAtOnce_AllAnswer()
    {
        IStayingGrain[] grains = [.. Enumerable.Range(0, 100).Select(_ => fixture.Client.GetGrain<IStayingGrain>(Keys.New()))];
        int[] sums = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => grains[i % 100].AddAsync(1))).Within("a thousand calls");
        Assert.Equal(100 * Enumerable.Range(1, 10).Sum(), sums.Sum());
    }

    [Fact]
    public async Task Reference_Kept_WorksAgainAndAgain()
    {
        var grain = fixture.Client.GetGrain<IStayingGrain>(Keys.New());
        Assert.Equal(1, await grain.AddAsync(1));
        await fixture.Cluster.DeactivateAsync(grain);
        Assert.Equal(1, await grain.AddAsync(1));
        Assert.Equal(2, await grain.AddAsync(1));
    }

    [Fact]
    public async Task GetGrain_DoesNotActivateTheGrain()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IActivationGrain>(key);
        Assert.Null(await fixture.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(grain));
        Assert.Empty(Journal.Of(key).Entries);
    }

    [Fact]
    public void ClusterClient_IsAGrainFactoryWithServices()
    {
        IGrainFactory factory = fixture.Client;
        Assert.NotNull(factory.GetGrain<IStayingGrain>("x"));
        Assert.Same(fixture.Client.ServiceProvider.GetRequiredService<IClusterClient>(), fixture.Client);
        Assert.All(fixture.Silos, static s => Assert.NotNull(s.Service<IClusterClient>().GetGrain<IStayingGrain>("x")));
    }

    [Fact]
    public async Task Calls_AfterStop_Fail()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(1);
        var grain = cluster.Client.GetGrain<IStayingGrain>(Keys.New());
        await grain.AddAsync(1);
        await cluster.StopClusterClientAsync();
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => grain.AddAsync(1).Within("the call after stop"));
    }

    [Fact]
    public void GetGrain_BeforeStart_Throws()
    {
        // The client learns from the cluster which class implements an interface.
        using IHost host = ClientHost(static (_, _) => Task.FromResult(false));
        var client = host.Services.GetRequiredService<IClusterClient>();
        Assert.Throws<ArgumentException>(() => client.GetGrain<IStayingGrain>("x"));
    }

    [Fact]
    public async Task StartAsync_Cancelled_Ends()
    {
        var asked = new TaskCompletionSource();
        using var cancel = new CancellationTokenSource();
        using IHost host = ClientHost(async (_, cancellationToken) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return true;
        });
        Task start = host.StartAsync(cancel.Token);
        await asked.Task.Within("the question to the retry filter");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.Within("the cancelled start"));
    }

    [Fact]
    public async Task StartAsync_NoGatewayAnswers_AsksTheRetryFilterUntilItDeclines()
    {
        int attempts = 0;
        using IHost host = ClientHost((_, _) => Task.FromResult(++attempts < 3));
        await Assert.ThrowsAsync<ConnectionFailedException>(() => host.StartAsync().Within("the start"));
        Assert.Equal(3, attempts);
    }

    /// <summary>A client of a cluster that does not exist.</summary>
    private static IHost ClientHost(Func<Exception, CancellationToken, Task<bool>> retry)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var closed = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(closed);
            client.UseConnectionRetryFilter(retry);
        });
        return builder.Build();
    }
}
