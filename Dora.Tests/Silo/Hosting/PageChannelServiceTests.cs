using System.Collections.Immutable;
using System.Net;
using Dora.Grains.Cluster;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Client;
using Dora.PageChannel.Server;
using Dora.Silo.Hosting;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.Silo.Hosting;

/// <summary>When a worker serves.</summary>
public sealed class PageChannelServiceTests
{
    private static readonly SiloAddress Own = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Loopback, 2, 1);

    [Fact]
    public async Task Start_BeforeTheWorkerKnowsItsCluster_ServesNobodyUntilItDoes()
    {
        var options = new PageChannelServerOptions { ClusterId = TestWorker.ClusterId, WorkerId = new WorkerId("w1") };
        await using var listener = PageChannelListener.Bind(options, TimeProvider.System, NullLogger<PageChannelListener>.Instance);
        var cluster = new ClusterState();
        await using ServiceProvider services = new ServiceCollection().AddSingleton<IClusterWatch>(cluster).BuildServiceProvider();
        var lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
        new PageChannelService(listener, new FakeRequestHandler(), new OwnSilo(), new LocalWorkers(), services).Participate(lifecycle);

        Task started = lifecycle.OnStart();
        cluster.Publish(Members(1, (Other, SiloStatus.Active), (Own, SiloStatus.Joining)));
        using RawClient client = await RawClient.ConnectAsync(listener.EndPoint);
        await client.SendAsync(RawClient.Hello(worker: "w1"));
        Assert.False(started.IsCompleted);
        Assert.Equal(0, listener.ConnectionCount);
        cluster.Publish(Members(2, (Other, SiloStatus.Active), (Own, SiloStatus.Active)));

        Assert.Equal(PageChannelStatus.Ok, (await client.ReceiveAsync("the hello reply")).Header.Status);
        await started.Within("the start");
        client.Dispose();
        await lifecycle.OnStop();
    }

    private static ClusterMembershipSnapshot Members(long version, params (SiloAddress Silo, SiloStatus Status)[] members) => new(
        members.ToImmutableDictionary(
            static m => m.Silo,
            static m => new ClusterMember(m.Silo, m.Status, new WorkerDescriptor(new WorkerId($"w{m.Silo.Endpoint.Port}"), 1, 0, 100).ToSiloName())),
        new MembershipVersion(version));

    private sealed class OwnSilo : ILocalSiloDetails
    {
        public string Name => "own";

        public string ClusterId => TestWorker.ClusterId;

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Own;

        public SiloAddress GatewayAddress => Own;
    }
}
