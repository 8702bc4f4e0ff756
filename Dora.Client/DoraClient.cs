using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Dora.Client.Cluster;
using Dora.Client.Files;
using Dora.Client.Routing;
using Dora.Client.SameHost;
using Dora.Interfaces;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Microsoft.Extensions.Logging;

namespace Dora.Client;

/// <summary>
/// The door to a Dora cluster. Make one per program and share it: it is safe for concurrent use, follows the cluster by itself, and asks another
/// worker when one fails. Every failure is a <see cref="DoraException"/>, whose message says what to do.
/// </summary>
public sealed class DoraClient : IAsyncDisposable
{
    private const int ListPage = 1000;
    private static readonly TimeSpan LoadPoll = TimeSpan.FromMilliseconds(200);

    private readonly DoraClientOptions _options;
    private readonly ClusterConnection? _connection;
    private readonly ClusterViewFollower _view;
    private readonly PageChannelPool _pool;
    private readonly GrainCalls _calls;
    private readonly RequestRouter _router;
    private readonly FileReads _reads;
    private readonly SmallFileReads _files;
    private readonly BatchReads _batches;
    private int _isDisposed;

    private DoraClient(DoraClientOptions options, ClusterConnection? connection, IGrainFactory grains, ClusterViewFollower view, ILogger logger)
    {
        (_options, _connection, _view) = (options, connection, view);
        _pool = new PageChannelPool(
            new ChannelOptions
            {
                ClusterId = view.ClusterId,
                Token = options.Token,
                UseTls = options.Tls is not null,
                WorkerCertificateCheck = options.Tls?.Validation(),
                Via = options.Via,
                ConnectionsPerWorker = options.ConnectionsPerWorker,
                HungAfter = options.HungAfter,
                UseSameHost = options.UseSameHost,
                PollTime = options.PollTime,
            },
            options.TimeProvider,
            logger);
        view.Seen = _pool.Retain;
        _calls = new GrainCalls(grains, options.OperationTimeout, options.TimeProvider);
        _router = new RequestRouter(view, _pool, options);
        SameHost = new SameHostReads(_router, options.TimeProvider);
        _reads = new FileReads(_router, SameHost, options);
        _files = new SmallFileReads(_router, _reads, SameHost, options);
        _batches = new BatchReads(_files, options.BatchWindow);
    }

    /// <summary>Reads from the files of workers on this host.</summary>
    internal SameHostReads SameHost { get; }

    /// <summary>The cluster's id.</summary>
    public string ClusterId => _view.ClusterId;

    /// <summary>The active workers as this client knows them now, ordered by id.</summary>
    public ImmutableArray<WorkerInfo> Workers => _view.Current.Workers;

    /// <summary>The mounts as this client knows them now, ordered by path.</summary>
    public ImmutableArray<Mount> Mounts => _view.Current.Mounts.Mounts;

    /// <summary>The pins as this client knows them now, ordered by prefix.</summary>
    public ImmutableArray<Pin> Pins => _view.Current.Mounts.Pins;

    /// <summary>Connects to a cluster from a program of its own.</summary>
    /// <param name="options">Where the cluster is.</param>
    /// <param name="cancellationToken">Cancels connecting.</param>
    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.Unavailable"/>: no worker answered in time. <see cref="DoraErrorCode.Configuration"/>: there is no such cluster.
    /// <see cref="DoraErrorCode.InvalidArgument"/>: an option is wrong.
    /// </exception>
    public static async Task<DoraClient> ConnectAsync(DoraClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Cluster is null && options.Gateways.Count == 0)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, "client options: set Cluster (a cluster's directory) or Gateways");
        }

        options = options with { ClusterId = options.ClusterId ?? (options.Cluster is { } cluster ? ClusterAddress.Parse(cluster).ReadId() : null) ?? ClusterNames.DefaultClusterId };
        ClusterConnection connection = await ClusterConnection.OpenAsync(options, cancellationToken).ConfigureAwait(false);
        try
        {
            return await ConnectAsync(connection, connection.Grains, options, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes a client inside a process that is a client or a silo of the cluster already.</summary>
    /// <param name="grains">The process' door to the cluster; stays the caller's.</param>
    /// <param name="options">Timeouts and the rest; Cluster and Gateways are not used.</param>
    /// <param name="cancellationToken">Cancels connecting.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Unavailable"/>: the cluster's view did not come in time.</exception>
    public static Task<DoraClient> ConnectAsync(IGrainFactory grains, DoraClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grains);
        options ??= new DoraClientOptions();
        options.Validate();
        return ConnectAsync(null, grains, options, cancellationToken);
    }

    /// <summary>Opens a file for reading at its current version.</summary>
    /// <param name="path">A Dora path, for example <c>/data/a.bin</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, NotMounted, IsDirectory, InvalidPath, Denied, or Unavailable when no worker answered.</exception>
    public async Task<DoraFile> OpenReadAsync(string path, CancellationToken cancellationToken = default)
    {
        DoraPath parsed = DoraPath.Parse(path);
        StatReply stat = await AskStatAsync(parsed, cancellationToken).ConfigureAwait(false);
        return stat.Kind == FileKind.File
            ? new DoraFile(_reads, new OpenFile(new RouteTarget(parsed, stat.File), stat.File, stat.Version, stat.Length), ToStat(parsed, stat))
            : throw new DoraException(DoraErrorCode.IsDirectory, $"'{parsed}' is a directory: name a file");
    }

    /// <summary>Reads a whole file, which must fit in an array. A file of at most <see cref="DoraClientOptions.ReadChunkBytes"/> takes one round trip.</summary>
    /// <param name="path">A Dora path.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">As <see cref="OpenReadAsync"/>; InvalidArgument when the file is larger than an array can be.</exception>
    public Task<byte[]> ReadAllBytesAsync(string path, CancellationToken cancellationToken = default) =>
        _files.ReadAllAsync(path, cancellationToken).AsTask();

    /// <summary>Opens a file and reads it from its start into the caller's memory: one round trip, and no memory of its own.</summary>
    /// <param name="path">A Dora path.</param>
    /// <param name="buffer">Receives the bytes; not written to after the task has ended.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The length of the file in bytes. When it is more than the buffer's, the buffer is full and the rest of the file was not read.</returns>
    /// <exception cref="DoraException">As <see cref="OpenReadAsync"/>.</exception>
    public ValueTask<long> ReadFileAsync(string path, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _files.ReadAsync(path, buffer, cancellationToken);

    /// <summary>
    /// Reads many whole files in one call, with up to <see cref="DoraClientOptions.BatchWindow"/> of them on their way at a time. A file that cannot be
    /// read is an item with an <see cref="FileContent.Error"/>; the others go on. Dispose every item.
    /// </summary>
    /// <param name="paths">Dora paths; enumerated as the files are taken.</param>
    /// <param name="inOrder">Whether the files come in the order of the paths; else as they arrive, which holds up nobody for a slow one.</param>
    /// <param name="cancellationToken">Cancels the batch.</param>
    public IAsyncEnumerable<FileContent> ReadFilesAsync(IEnumerable<string> paths, bool inOrder = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return _batches.RunAsync(paths, inOrder, cancellationToken);
    }

    /// <summary>What is at a path.</summary>
    /// <param name="path">A Dora path.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, NotMounted, InvalidPath, Denied, or Unavailable when no worker answered.</exception>
    public async Task<FileStat> StatAsync(string path, CancellationToken cancellationToken = default)
    {
        DoraPath parsed = DoraPath.Parse(path);
        return ToStat(parsed, await AskStatAsync(parsed, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What is at a path, or <see langword="null"/> when nothing is (not found, or under no mount).</summary>
    /// <param name="path">A Dora path.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">InvalidPath, Denied, or Unavailable when no worker answered.</exception>
    public async Task<FileStat?> TryStatAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            return await StatAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (DoraException e) when (e.Code is DoraErrorCode.NotFound or DoraErrorCode.NotMounted)
        {
            return null;
        }
    }

    /// <summary>The entries of a directory in name order, mounts below it included, fetched as they are enumerated.</summary>
    /// <param name="path">A Dora path.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    /// <exception cref="DoraException">NotFound, NotMounted, NotDirectory, InvalidPath, Denied, or Unavailable when no worker answered.</exception>
    public async IAsyncEnumerable<FileStat> ListAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        DoraPath parsed = DoraPath.Parse(path);
        string? continuation = null;
        do
        {
            string? from = continuation;
            ListReply reply = await _calls.RepeatAsync(
                $"cannot list '{parsed}'",
                grains => grains.GetGrain<IFileGrain>(parsed.Value).ListAsync(from, ListPage, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            GrainCalls.Check(reply.Code, reply.Message, $"cannot list '{parsed}'");
            foreach (FileStat entry in reply.Entries)
            {
                yield return entry;
            }

            continuation = reply.Continuation;
        }
        while (continuation is not null);
    }

    /// <summary>Brings everything at and below a path into the cluster's caches, by a job that outlives workers, and waits for its end.</summary>
    /// <param name="path">A file or directory.</param>
    /// <param name="parallelism">Files loaded at the same time, 1 to 256; 0 lets the cluster choose.</param>
    /// <param name="progress">Told about five times a second how far the job is.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <returns>Where the job ended; look at its state and failures.</returns>
    /// <exception cref="DoraException">The job could not be started, or no worker told about it any more.</exception>
    public async Task<LoadJobStatus> LoadAsync(
        string path, int parallelism = 0, IProgress<LoadJobStatus>? progress = null, CancellationToken cancellationToken = default)
    {
        var spec = new LoadJobSpec(DoraPath.Parse(path).Value, parallelism);
        string what = $"cannot load '{spec.Path}'";
        string id = $"load-{Guid.NewGuid():N}";
        LoadJobReply reply = await _calls.RepeatAsync(what, g => g.GetGrain<ILoadJobGrain>(id).StartAsync(spec), cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                GrainCalls.Check(reply.Code, reply.Message, what);
                progress?.Report(reply.Status!);
                if (reply.Status!.State != LoadJobState.Running)
                {
                    return reply.Status;
                }

                await Task.Delay(LoadPoll, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                reply = await _calls.RepeatAsync(what, g => g.GetGrain<ILoadJobGrain>(id).GetStatusAsync(), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await _calls.TryOnceAsync(what, g => g.GetGrain<ILoadJobGrain>(id).StopAsync()).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Drops what the workers, owners or not, have cached at and below a path.</summary>
    /// <param name="path">A file or directory.</param>
    /// <param name="forgetMetadata">Also forget metadata, so that the next open asks the store.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">A worker failed or did not answer; the others have freed.</exception>
    public async Task<FreeResult> FreeAsync(string path, bool forgetMetadata = false, CancellationToken cancellationToken = default)
    {
        string parsed = DoraPath.Parse(path).Value;
        FreeReply[] replies = await Task.WhenAll(Workers.Select(worker => _calls.OnceAsync(
            $"cannot free '{parsed}' on worker '{worker.Id}'",
            grains => grains.GetGrain<IWorkerGrain>(worker.Id.Value).FreeAsync(parsed, forgetMetadata, cancellationToken),
            cancellationToken))).ConfigureAwait(false);
        Array.ForEach(replies, reply => GrainCalls.Check(reply.Code, reply.Message, $"cannot free '{parsed}'"));
        return new FreeResult(replies.Sum(static r => r.Files), replies.Sum(static r => r.Bytes));
    }

    /// <summary>Adds a mount; when the task ends, every worker and this client know it.</summary>
    /// <param name="path">Where it is seen, a Dora path.</param>
    /// <param name="ufs">The root in the store, for example <c>/srv/data</c> or <c>s3://bucket/data</c>.</param>
    /// <param name="pageSize">Bytes per page, a power of two from 64 KiB to 16 MiB; 0 for the default of 1 MiB.</param>
    /// <param name="freshness"><c>immutable</c>, <c>validate-on-open</c> or <c>max-age 10m</c>; empty for at most a minute old.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The mount as it is now.</returns>
    /// <exception cref="DoraException">AlreadyExists, NotFound (no such directory in the store), Denied, InvalidPath, InvalidArgument or Unavailable.</exception>
    public Task<Mount> AddMountAsync(
        string path, string ufs, int pageSize = 0, string freshness = "", CancellationToken cancellationToken = default) =>
        AddMountAsync(new MountView(path, ufs, pageSize, freshness), cancellationToken);

    /// <summary>Adds a mount with rules for what is cached of it; when the task ends, every worker and this client know it.</summary>
    /// <param name="wanted">The mount; its <see cref="MountView.QuotaBytes"/> counts on each worker.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The mount as it is now.</returns>
    /// <exception cref="DoraException">AlreadyExists, NotFound (no such directory in the store), Denied, InvalidPath, InvalidArgument or Unavailable.</exception>
    public async Task<Mount> AddMountAsync(MountView wanted, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        Mount mount = wanted.ToMount();
        MountReply reply = await _calls.OnceAsync(
            $"cannot mount '{mount.Path}'",
            grains => grains.GetGrain<IMountTableGrain>(IMountTableGrain.Key).AddAsync(MountView.From(mount), cancellationToken),
            cancellationToken).ConfigureAwait(false);
        GrainCalls.Check(reply.Code, reply.Message, $"cannot mount '{mount.Path}'");
        await _view.RefreshAsync(cancellationToken).ConfigureAwait(false);
        return reply.Table.ToTable().Mounts.FirstOrDefault(m => m.Path == mount.Path) ?? mount;
    }

    /// <summary>Sets how much of a mount each worker caches, and how long.</summary>
    /// <param name="path">The mount's Dora path.</param>
    /// <param name="rules">The rules from now on; what is cached beyond them goes soon.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, InvalidPath, InvalidArgument or Unavailable.</exception>
    public Task SetMountRulesAsync(string path, CacheRules rules, CancellationToken cancellationToken = default)
    {
        string parsed = DoraPath.Parse(path).Value;
        return ChangeMountsAsync(
            $"cannot change the mount '{parsed}'", table => table.SetRulesAsync(parsed, rules.QuotaBytes, rules.PageTtl, cancellationToken), cancellationToken);
    }

    /// <summary>Keeps what is cached at and below a path from eviction, up to a share of each worker's page capacity; nothing is loaded by this.</summary>
    /// <param name="path">A mount, a path below one, or one above mounts. A pin that is there gets the new share.</param>
    /// <param name="sharePercent">1 to <see cref="Pin.MaxTotalPercent"/>, which all pins together may have.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotMounted, InvalidPath, InvalidArgument (also: too much is pinned) or Unavailable.</exception>
    public Task PinAsync(string path, int sharePercent = Pin.DefaultSharePercent, CancellationToken cancellationToken = default)
    {
        PinView pin = PinView.From(new PinView(path, sharePercent).ToPin());
        return ChangeMountsAsync($"cannot pin '{pin.Prefix}'", table => table.PinAsync(pin, cancellationToken), cancellationToken);
    }

    /// <summary>Removes the pin at exactly a path.</summary>
    /// <param name="path">The path that was pinned.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, InvalidPath or Unavailable.</exception>
    public Task UnpinAsync(string path, CancellationToken cancellationToken = default)
    {
        string parsed = DoraPath.Parse(path).Value;
        return ChangeMountsAsync($"cannot unpin '{parsed}'", table => table.UnpinAsync(parsed, cancellationToken), cancellationToken);
    }

    /// <summary>Removes a mount. Files of the store are not touched; the workers free what they cached of it.</summary>
    /// <param name="path">The mount's Dora path.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, InvalidPath or Unavailable.</exception>
    public Task RemoveMountAsync(string path, CancellationToken cancellationToken = default)
    {
        string parsed = DoraPath.Parse(path).Value;
        return ChangeMountsAsync($"cannot remove the mount '{parsed}'", table => table.RemoveAsync(parsed, cancellationToken), cancellationToken);
    }

    /// <summary>What a worker holds and how it fares.</summary>
    /// <param name="worker">The worker's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">Unavailable: the worker did not answer.</exception>
    public Task<WorkerStatus> GetWorkerStatusAsync(WorkerId worker, CancellationToken cancellationToken = default) =>
        _calls.OnceAsync($"cannot ask worker '{worker}'", grains => grains.GetGrain<IWorkerGrain>(worker.Value).GetStatusAsync(), cancellationToken);

    /// <summary>The worker that owns a path as this client sees the cluster now, or <see langword="null"/> when there is no worker.</summary>
    /// <param name="path">A Dora path.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidPath"/>.</exception>
    public WorkerInfo? OwnerOf(string path)
    {
        ClusterSnapshot cluster = _view.Current;
        return cluster.OwnerOf(cluster.Mounts.FileIdOf(DoraPath.Parse(path)));
    }

    /// <summary>Closes the client; open files can be read no more. Reads that run end with <see cref="ObjectDisposedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        await _view.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<DoraClient> ConnectAsync(
        ClusterConnection? connection, IGrainFactory grains, DoraClientOptions options, CancellationToken cancellationToken)
    {
        ILogger logger = options.LoggerFactory.CreateLogger(typeof(DoraClient).FullName!);
        var view = new ClusterViewFollower(grains, options.TimeProvider, logger);
        try
        {
            await view.StartAsync(options.ConnectTimeout, cancellationToken).ConfigureAwait(false);
            return new DoraClient(options, connection, grains, view, logger);
        }
        catch
        {
            await view.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task ChangeMountsAsync(string what, Func<IMountTableGrain, Task<MountReply>> change, CancellationToken cancellationToken)
    {
        MountReply reply = await _calls.OnceAsync(
            what, grains => change(grains.GetGrain<IMountTableGrain>(IMountTableGrain.Key)), cancellationToken).ConfigureAwait(false);
        GrainCalls.Check(reply.Code, reply.Message, what);
        await _view.RefreshAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<StatReply> AskStatAsync(DoraPath path, CancellationToken cancellationToken)
    {
        var target = new RouteTarget(path);
        ChannelReply reply = await _router.SendAsync(new ChannelRequest(PageChannelOpcode.Stat, target.Utf8), target, cancellationToken).ConfigureAwait(false);
        if (!reply.IsOk)
        {
            throw RoutingErrors.For(reply, "stat", path, _options.OperationTimeout);
        }

        if (reply.Stat.File != target.In(_view.Current))
        {
            // The worker has another mount table: get up to date, so that reads of the file start at its owner.
            await _view.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }

        return reply.Stat;
    }

    private FileStat ToStat(DoraPath path, in StatReply stat) => new(
        path.Value, _view.Current.Mounts.Resolve(path)?.UfsPath ?? string.Empty, stat.Kind, stat.Length, stat.LastModified, stat.Version.Value, stat.LoadedAt);
}
