using System.Collections.Immutable;
using System.Net;
using Dora.Grains.Cluster;

namespace Dora.Tests.Grains.Cluster;

public sealed class ClusterStateTests
{
    [Fact]
    public void Publish_Membership_TakesActiveWorkersWithTheirEndpoints()
    {
        var state = new ClusterState();

        state.Publish(Membership(
            5,
            Member(1, 10, SiloStatus.Active, "w1;page=19001;http=18001;weight=200"),
            Member(2, 10, SiloStatus.Joining, "w2;page=19002"),
            Member(3, 10, SiloStatus.Dead, "w3;page=19003"),
            Member(4, 10, SiloStatus.Active, "not a worker")));

        Assert.Equal(5, state.Current.MembershipVersion);
        Assert.Equal(new WorkerInfo(new WorkerId("w1"), "127.0.0.1", 19001, 18001, 200), Assert.Single(state.Current.Workers));
        Assert.Equal(Silo(1, 10), state.Map.Silos[new WorkerId("w1")]);
    }

    [Fact]
    public void Publish_WorkerTwiceAfterARestart_LaterStartCounts()
    {
        var state = new ClusterState();

        state.Publish(Membership(1, Member(1, 10, SiloStatus.Active, "w1;page=1"), Member(2, 20, SiloStatus.Active, "w1;page=2")));

        Assert.Equal(2, Assert.Single(state.Current.Workers).PagePort);
        Assert.Equal(Silo(2, 20), state.Map.Silos[new WorkerId("w1")]);
    }

    [Fact]
    public void Publish_OlderVersions_ChangeNothing()
    {
        var state = new ClusterState();
        state.Publish(Membership(5, Member(1, 10, SiloStatus.Active, "w1;page=1")));
        state.Publish(Table(3));
        ClusterMap before = state.Map;

        state.Publish(Membership(4));
        state.Publish(Table(2));

        Assert.Same(before, state.Map);
    }

    [Fact]
    public async Task WaitForChange_NewerAlreadyThere_AnswersAtOnce()
    {
        var state = new ClusterState();
        state.Publish(Membership(5));

        Assert.Same(state.Current, await state.WaitForChangeAsync(4, 0, default));
    }

    [Fact]
    public async Task WaitForChange_MountsChange_Answers()
    {
        var state = new ClusterState();
        Task<ClusterSnapshot> waiting = state.WaitForChangeAsync(0, 0, default);
        Assert.False(waiting.IsCompleted);

        state.Publish(Table(1));

        Assert.Equal(1, (await waiting.WaitAsync(TimeSpan.FromSeconds(10))).Mounts.Version);
    }

    [Fact]
    public async Task WaitForChange_Cancelled_Ends()
    {
        using var cancel = new CancellationTokenSource();
        Task<ClusterSnapshot> waiting = new ClusterState().WaitForChangeAsync(0, 0, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static MountTable Table(long version) => new(version, []);

    private static ClusterMembershipSnapshot Membership(long version, params ClusterMember[] members) =>
        new(members.ToImmutableDictionary(static m => m.SiloAddress), new MembershipVersion(version));

    private static ClusterMember Member(int port, int generation, SiloStatus status, string name) => new(Silo(port, generation), status, name);

    private static SiloAddress Silo(int port, int generation) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), generation);
}
