using System.Collections.Concurrent;
using System.Reflection;
using Dora.Interfaces;

namespace Dora.Tests.Client;

/// <summary>A grain factory whose grains are objects of the test, by interface and key.</summary>
public class FakeGrains : DispatchProxy
{
    private readonly ConcurrentDictionary<Type, Func<object, object>> _makers = new();

    /// <summary>Makes a factory and gives access to what it makes.</summary>
    public static (IGrainFactory Factory, FakeGrains Grains) Create()
    {
        IGrainFactory factory = Create<IGrainFactory, FakeGrains>();
        return (factory, (FakeGrains)(object)factory);
    }

    /// <summary>Says which object answers for an interface.</summary>
    public void Add<T>(Func<object, T> maker)
        where T : notnull => _makers[typeof(T)] = key => maker(key);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Type wanted = targetMethod!.ReturnType;
        return _makers.TryGetValue(wanted, out Func<object, object>? maker) ? maker(args![0]!) : throw new NotSupportedException($"no fake {wanted}");
    }
}

/// <summary>The view grain: says what the test sets, and tells those who wait.</summary>
internal sealed class FakeViewGrain : IClusterViewGrain
{
    private readonly Lock _lock = new();
    private ClusterView _view = new("", 0, [], new MountTableView(0, []));
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _gets;

    /// <summary>Whether long polls hear of changes; otherwise only <see cref="GetAsync"/> tells.</summary>
    public bool Pushes { get; set; } = true;

    public int Gets => _gets;

    public Func<Task> BeforeGet { get; set; } = static () => Task.CompletedTask;

    public Func<Task> BeforeWait { get; set; } = static () => Task.CompletedTask;

    public ClusterView View
    {
        get
        {
            lock (_lock)
            {
                return _view;
            }
        }

        set
        {
            lock (_lock)
            {
                _view = value;
                _changed.TrySetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public async Task<ClusterView> GetAsync()
    {
        Interlocked.Increment(ref _gets);
        await BeforeGet();
        return View;
    }

    public async Task<ClusterView> WaitForChangeAsync(long membershipVersion, long mountsVersion, TimeSpan wait, CancellationToken cancellationToken)
    {
        await BeforeWait();
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (Pushes && (_view.MembershipVersion > membershipVersion || _view.Mounts.Version > mountsVersion))
                {
                    return _view;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }
}

/// <summary>A file grain over a catalog; listings give what the test sets.</summary>
internal sealed class FakeFileGrain(string path, FakeCluster cluster) : IFileGrain
{
    public async Task<FileReply> StatAsync(bool refresh, CancellationToken cancellationToken)
    {
        cluster.CountGrainStat();
        await cluster.BeforeGrainStat();
        MountedPath mounted = cluster.Snapshot.Mounts.Resolve(DoraPath.Parse(path))!.Value;
        WorkerInfo owner = cluster.Snapshot.OwnerOf(FileId.FromUfsPath(mounted.UfsPath))!;
        var found = await cluster[owner.Id].Catalog.GetAsync(mounted, refresh, cancellationToken);
        return found.Metadata is { Kind: not FileKind.Missing } file
            ? new FileReply(DoraErrorCode.None, null, new FileStat(path, file.UfsPath, file.Kind, file.Length, file.LastModified, file.Version.Value, file.LoadedAt))
            : new FileReply(DoraErrorCode.NotFound, $"'{path}' does not exist: check the name", null);
    }

    public Task<ListReply> ListAsync(string? continuation, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(cluster.OnList(path, continuation));

    public Task<FreeReply> InvalidateAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<FreeReply> FreeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LoadReply> LoadAsync(long offset, long length, DateTimeOffset? listedAt, CancellationToken cancellationToken) => throw new NotSupportedException();
}
