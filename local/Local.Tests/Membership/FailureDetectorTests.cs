using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Membership;

namespace Local.Tests.Membership;

public sealed class FailureDetectorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void ChooseProbed_ManySilos_FollowOnTheCircleAndEverySiloIsProbed()
    {
        SiloAddress[] silos = [.. Enumerable.Range(1, 20).Select(Silo)];
        ClusterMembershipSnapshot snapshot = Snapshot(1, [.. silos.Select(s => (s, SiloStatus.Active)), (Silo(21), SiloStatus.Dead), (Silo(22), SiloStatus.Joining)]);
        List<SiloAddress>[] chosen = [.. silos.Select(s => FailureDetector.ChooseProbed(snapshot, s, 3))];
        Assert.All(chosen, c => Assert.Equal(3, c.Count));
        Assert.All(silos.Zip(chosen), pair => Assert.DoesNotContain(pair.First, pair.Second));
        Assert.All(silos, s => Assert.Equal(3, chosen.Count(c => c.Contains(s))));
    }

    [Fact]
    public async Task HungSilo_MissesProbes_IsVotedAgainstUntilDead()
    {
        await using var cluster = new FakeCluster();
        cluster.Hung[Silo(2)] = true;
        cluster.Publish(Snapshot(1, (Silo(1), SiloStatus.Active), (Silo(2), SiloStatus.Active), (Silo(3), SiloStatus.Active)));
        for (int votes = 0; votes < 2; votes++) Assert.Equal(Silo(2), await cluster.Votes.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        cluster.Publish(Snapshot(2, (Silo(1), SiloStatus.Active), (Silo(2), SiloStatus.Dead), (Silo(3), SiloStatus.Active)));
        await cluster.ProbedAsync(Silo(3), 3);
        int probes = cluster.Probes[Silo(2)];
        await cluster.ProbedAsync(Silo(3), 5);
        Assert.Equal(probes, cluster.Probes[Silo(2)]);
    }

    [Fact]
    public async Task SiloToldDead_MissesProbes_AccusesNobody()
    {
        await using var cluster = new FakeCluster();
        cluster.Hung[Silo(2)] = true;
        cluster.Publish(Snapshot(1, (Silo(1), SiloStatus.Dead), (Silo(2), SiloStatus.Active)));
        await cluster.ProbedAsync(Silo(2), 5);
        Assert.False(cluster.Votes.Reader.TryRead(out _));
    }

    [Fact]
    public async Task SiloThatAnswersAgain_BeforeTheLimit_IsNotVotedAgainst()
    {
        await using var cluster = new FakeCluster(missedLimit: 1_000_000);
        cluster.Hung[Silo(2)] = true;
        cluster.Publish(Snapshot(1, (Silo(1), SiloStatus.Active), (Silo(2), SiloStatus.Active)));
        await cluster.ProbedAsync(Silo(2), 5);
        cluster.Hung.Clear();
        await cluster.ProbedAsync(Silo(2), 10);
        Assert.False(cluster.Votes.Reader.TryRead(out _));
    }

    private static SiloAddress Silo(int port) => SiloAddress.New(IPAddress.Loopback, port, 1);

    private static ClusterMembershipSnapshot Snapshot(long version, params (SiloAddress Silo, SiloStatus Status)[] members) =>
        new(members.ToImmutableDictionary(m => m.Silo, m => new ClusterMember(m.Silo, m.Status, "s")), new MembershipVersion(version));

    private sealed class FakeCluster : IMembershipOracle, ISystemCalls, ILocalSiloDetails, ISiloLifecycle, IAsyncDisposable
    {
        private readonly Channel<ClusterMembershipSnapshot> _snapshots = Channel.CreateUnbounded<ClusterMembershipSnapshot>();
        private readonly FailureDetector _detector;
        private ILifecycleObserver _observer = null!;

        public FakeCluster(int missedLimit = 2)
        {
            var options = new ClusterMembershipOptions { ProbeTimeout = TimeSpan.FromMilliseconds(20), NumMissedProbesLimit = missedLimit };
            _detector = new FailureDetector(this, this, this, Options.Create(options), TimeProvider.System, NullLogger<FailureDetector>.Instance);
            _detector.Participate(this);
            _observer.OnStart();
        }

        public ConcurrentDictionary<SiloAddress, bool> Hung { get; } = new();

        public ConcurrentDictionary<SiloAddress, int> Probes { get; } = new();

        public Channel<SiloAddress> Votes { get; } = Channel.CreateUnbounded<SiloAddress>();

        public IReadOnlyList<MembershipEntry> CurrentEntries => [];

        public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = null!;

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => ReadAsync();

        public string Name => "s";

        public string ClusterId => "c";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Silo(1);

        public SiloAddress GatewayAddress => Silo(1);

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public void Publish(ClusterMembershipSnapshot snapshot)
        {
            CurrentSnapshot = snapshot;
            _snapshots.Writer.TryWrite(snapshot);
        }

        public async Task ProbedAsync(SiloAddress silo, int times)
        {
            using var timeout = new CancellationTokenSource(Patience);
            int until = Probes.GetValueOrDefault(silo) + times;
            while (Probes.GetValueOrDefault(silo) < until) await Task.Delay(5, timeout.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _observer.OnStop();
            _detector.Dispose();
        }

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            _observer = observer;
            return new CancellationTokenSource();
        }

        public async Task<byte[]> CallAsync(SiloAddress silo, string name, ReadOnlyMemory<byte> argument, TimeSpan timeout, CancellationToken cancellationToken = default)
        {
            Probes.AddOrUpdate(silo, 1, (_, n) => n + 1);
            if (!Hung.ContainsKey(silo)) return [];
            await Task.Delay(timeout, cancellationToken);
            throw new TimeoutException();
        }

        public Task<bool> SuspectAsync(SiloAddress silo, CancellationToken cancellationToken = default)
        {
            Votes.Writer.TryWrite(silo);
            return Task.FromResult(false);
        }

        public void Handle(string name, Func<SiloAddress?, ReadOnlyMemory<byte>, Task<byte[]>> handler) => Assert.Equal("probe", name);

        public Task PublishIAmAliveAsync() => Task.CompletedTask;

        public void Gossip()
        {
        }

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new InvalidOperationException();

        private async IAsyncEnumerable<ClusterMembershipSnapshot> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (ClusterMembershipSnapshot snapshot in _snapshots.Reader.ReadAllAsync(cancellationToken)) yield return snapshot;
        }
    }
}
