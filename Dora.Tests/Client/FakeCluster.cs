using System.Collections.Concurrent;
using Dora.Storage.Pages;
using Dora.Client;
using Dora.Grains.Cluster;
using Dora.Interfaces;
using Dora.PageChannel.Server;
using Dora.Silo.Files;
using Dora.Silo.PageChannel;
using Dora.Silo.Peers;
using Dora.Storage.Files;
using Dora.Tests.PageChannel.Server;

namespace Dora.Tests.Client;

/// <summary>One fake worker: real sockets and request handling over a fake catalog and reader.</summary>
internal sealed class FakeWorker : IClusterWatch, IAsyncDisposable
{
    private readonly FakeCluster _cluster;
    private readonly Func<PageChannelServerOptions, PageChannelServerOptions>? _configure;
    private TestWorker? _server;
    private ClusterSnapshot? _own;

    public FakeWorker(FakeCluster cluster, string id, Func<PageChannelServerOptions, PageChannelServerOptions>? configure)
    {
        (_cluster, _configure) = (cluster, configure);
        Catalog = new FakeCatalog(cluster.Store);
        Reader = new FakeReader(cluster.Store);
        Stores = new WorkerStores(Catalog, Reader, new FileChanges(Catalog, Reader, new FileTurns()));
        _server = new TestWorker(id, configure, handler: Handler(id));
        Info = _server.Info;
    }

    public WorkerInfo Info { get; set; }

    public int Connections => _server?.Listener.ConnectionCount ?? 0;

    public FakeCatalog Catalog { get; }

    public ForeignReads Foreign { get; init; } = ForeignReads.Create(500, TimeProvider.System);

    public FakeReader Reader { get; }

    public WorkerStores Stores { get; }

    /// <summary>What it says it has cached.</summary>
    public ConcurrentDictionary<FileId, HeldPages> Held { get; } = new();

    /// <summary>What this worker believes of the cluster; the cluster's snapshot unless set.</summary>
    public ClusterSnapshot Current
    {
        get => _own ?? _cluster.Snapshot;
        set => _own = value;
    }

    public async Task<ClusterSnapshot> WaitForChangeAsync(long membershipVersion, long mountsVersion, CancellationToken cancellationToken)
    {
        await _cluster.View.WaitForChangeAsync(membershipVersion, mountsVersion, default, cancellationToken);
        return Current;
    }

    public async Task KillAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync();
        }
    }

    public void Restart() =>
        _server = new TestWorker(Info.Id.Value, o => (_configure?.Invoke(o) ?? o) with { Port = Info.PagePort }, handler: Handler(Info.Id.Value));

    public ValueTask DisposeAsync() => new(KillAsync());

    private PageRequestHandler Handler(string id) => new(
        new WorkerId(id),
        this,
        new WorkerFiles(Stores, TimeProvider.System),
        Foreign,
        others: new OtherAnswers(
            Known: new KnownMetadata(new WorkerId(id), this, Catalog, Catalog, file => Held.GetValueOrDefault(file), TimeProvider.System),
            Views: new ViewAnswers(this, TestWorker.ClusterId, TimeProvider.System)));
}

/// <summary>A cluster of fake workers on loopback, with the mount <c>/data</c> on <c>file:///store</c>.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    public const string Root = "file:///store";

    private readonly Dictionary<WorkerId, FakeWorker> _workers;
    private int _grainStats;

    public FakeCluster(int workers, Func<PageChannelServerOptions, PageChannelServerOptions>? configure = null)
    {
        (Grains, Fakes) = FakeGrains.Create();
        Fakes.Add<IClusterViewGrain>(_ => View);
        Fakes.Add<IFileGrain>(key => new FakeFileGrain((string)key, this));
        _workers = Enumerable.Range(0, workers).Select(i => new FakeWorker(this, $"w{i}", configure)).ToDictionary(static w => w.Info.Id);
        Publish();
    }

    public FakeStore Store { get; } = new();

    /// <summary>What the mount says; told by <see cref="Publish"/>.</summary>
    public int Replicas { get; set; } = 1;

    public FakeViewGrain View { get; } = new();

    public IGrainFactory Grains { get; }

    public FakeGrains Fakes { get; }

    public int GrainStats => _grainStats;

    public Func<Task> BeforeGrainStat { get; set; } = static () => Task.CompletedTask;

    public ClusterSnapshot Snapshot { get; private set; } = ClusterSnapshot.Empty;

    public Func<string, string?, ListReply> OnList { get; set; } = static (path, _) => new ListReply(DoraErrorCode.NotFound, $"'{path}' does not exist", [], null, 0);

    public FakeWorker this[WorkerId id] => _workers[id];

    /// <summary>The workers of a file in ring order.</summary>
    public FakeWorker[] OwnersOf(string relative)
    {
        Span<int> ranks = stackalloc int[_workers.Count];
        int count = Snapshot.Ring.Owners(FileId.FromUfsPath($"{Root}/{relative}"), ranks);
        List<FakeWorker> owners = [];
        foreach (int rank in ranks[..count])
        {
            owners.Add(_workers[Snapshot.Ring.Members[rank].Id]);
        }

        return [.. owners];
    }

    /// <summary>Tells everyone, workers and clients, a new membership version.</summary>
    public void Publish(params FakeWorker[] without)
    {
        var mounts = new MountTableView(Replicas, [new MountView("/data", Root, 0, "", Replicas: Replicas)]);
        WorkerView[] workers = [.. _workers.Values.Except(without).Select(static w => WorkerView.From(w.Info)).OrderBy(static w => w.Id, StringComparer.Ordinal)];
        var view = new ClusterView(TestWorker.ClusterId, Snapshot.MembershipVersion + 1, workers, mounts);
        Snapshot = view.ToSnapshot();
        View.View = view;
    }

    public Task<DoraClient> ConnectAsync(DoraClientOptions? options = null) => DoraClient.ConnectAsync(Grains, options);

    public void CountGrainStat() => Interlocked.Increment(ref _grainStats);

    public async ValueTask DisposeAsync()
    {
        foreach (FakeWorker worker in _workers.Values)
        {
            await worker.DisposeAsync();
        }
    }
}
