using System.Collections.Immutable;
using Dora.Client.Cluster;
using Dora.Client.Files;
using Dora.Client.Routing;
using Dora.Client.SameHost;
using Dora.Diagnostics;
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
    private readonly DoraClientOptions _options;
    private readonly IGrainSource _grains;
    private readonly ClusterViewFollower _view;
    private readonly PageChannelPool _pool;
    private readonly GrainCalls _calls;
    private readonly RequestRouter _router;
    private readonly FileReads _reads;
    private readonly SmallFileReads _files;
    private readonly BatchReads _batches;
    private readonly DirectoryReads _directories;
    private readonly ReadObserver _observer;
    private readonly DoraMeter _meter = new();
    private int _isDisposed;

    private DoraClient(DoraClientOptions options, IGrainSource grains, ClusterViewFollower view, PageChannelPool pool)
    {
        (_options, _grains, _view, _pool) = (options, grains, view, pool);
        view.Seen = _pool.Retain;
        _calls = new GrainCalls(grains, options.Timeouts.Operation, options.TimeProvider);
        Mounts = new DoraMounts(view, _calls);
        Jobs = new DoraJobs(_calls, options.TimeProvider);
        _router = new RequestRouter(view, _pool, options);
        Cache = new DoraCache(view, _pool, _router, _calls);
        SameHost = new SameHostReads(_router, options.TimeProvider);
        _observer = new ReadObserver(view, options.TimeProvider);
        _meter.ObserveTotal("dora.hedge.requests", "{request}", "Second requests sent because the first was late", () => [new(_router.Hedges)]);
        _reads = new FileReads(_router, SameHost, options);
        _files = new SmallFileReads(_router, _reads, SameHost, options);
        _batches = new BatchReads(_files, _observer, options.Reads.BatchWindow);
        _directories = new DirectoryReads(_router, _calls, options);
    }

    /// <summary>Reads from the files of workers on this host.</summary>
    internal SameHostReads SameHost { get; }

    /// <summary>The cluster's id.</summary>
    public string ClusterId => _view.ClusterId;

    /// <summary>The active workers as this client knows them now, ordered by id.</summary>
    public ImmutableArray<WorkerInfo> Workers => _view.Current.Workers;

    /// <summary>The cluster's mounts and pins.</summary>
    public DoraMounts Mounts { get; }

    /// <summary>The cluster's jobs.</summary>
    public DoraJobs Jobs { get; }

    /// <summary>What the workers have cached.</summary>
    public DoraCache Cache { get; }

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
        MembershipTable? table = options.Cluster is { } address ? new MembershipTable(ClusterAddress.Parse(address), options.ClusterId) : null;
        var grains = new LazyGrains(options);
        ILogger logger = LoggerOf(options);
        PageChannelPool pool = MakePool(options, options.ClusterId, logger);
        try
        {
            var view = new ClusterViewFollower(new ChannelViews(pool, table, new GrainViews(grains), options), options, logger);
            return await StartAsync(view, () => new DoraClient(options, grains, view, pool), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await pool.DisposeAsync().ConfigureAwait(false);
            await grains.DisposeAsync().ConfigureAwait(false);
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
        var source = new GivenGrains(grains);
        ILogger logger = LoggerOf(options);
        var view = new ClusterViewFollower(new GrainViews(source), options, logger);
        return StartAsync(view, () => new DoraClient(options, source, view, MakePool(options, view.ClusterId, logger)), cancellationToken);
    }

    /// <summary>Opens a file for reading at its current version.</summary>
    /// <param name="path">A Dora path, for example <c>/data/a.bin</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, NotMounted, IsDirectory, InvalidPath, Denied, or Unavailable when no worker answered.</exception>
    public async Task<DoraFile> OpenReadAsync(string path, CancellationToken cancellationToken = default)
    {
        DoraPath parsed = DoraPath.Parse(path);
        StatReply stat = ReadObserver.IsListening
            ? await ObservedStatAsync(parsed, cancellationToken).ConfigureAwait(false)
            : await AskStatAsync(parsed, cancellationToken).ConfigureAwait(false);
        return stat.Kind == FileKind.File
            ? new DoraFile(_reads, _files, _observer, new OpenFile(new RouteTarget(parsed, stat.File, stat.Length), stat.File, stat.Version, stat.Length, ToStat(parsed, stat)))
            : throw new DoraException(DoraErrorCode.IsDirectory, $"'{parsed}' is a directory: name a file");
    }

    /// <summary>Reads a whole file, which must fit in an array. A file of at most <see cref="DoraReadOptions.ChunkBytes"/> takes one round trip.</summary>
    /// <param name="path">A Dora path.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">As <see cref="OpenReadAsync"/>; InvalidArgument when the file is larger than an array can be.</exception>
    public Task<byte[]> ReadAllBytesAsync(string path, CancellationToken cancellationToken = default) =>
        ReadObserver.IsListening ? ObservedReadAllAsync(path, cancellationToken).AsTask() : _files.ReadAllAsync(path, cancellationToken).AsTask();

    /// <summary>Opens a file and reads it from its start into the caller's memory: one round trip, and no memory of its own.</summary>
    /// <param name="path">A Dora path.</param>
    /// <param name="buffer">Receives the bytes; not written to after the task has ended.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The length of the file in bytes. When it is more than the buffer's, the buffer is full and the rest of the file was not read.</returns>
    /// <exception cref="DoraException">As <see cref="OpenReadAsync"/>.</exception>
    public ValueTask<long> ReadFileAsync(string path, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ReadObserver.IsListening ? ObservedReadAsync(path, buffer, cancellationToken) : _files.ReadAsync(path, buffer, cancellationToken);

    /// <summary>
    /// Reads many whole files in one call, with up to <see cref="DoraReadOptions.BatchWindow"/> of them on their way at a time. A file that cannot be
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

    /// <summary>The entries of a directory in name order, mounts below it included, fetched as they are enumerated, and what the listing leaves out.</summary>
    /// <param name="path">A Dora path.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    /// <exception cref="DoraException">InvalidPath; and while it is enumerated NotFound, NotMounted, NotDirectory, Denied, or Unavailable when no worker answered.</exception>
    public DoraListing ListAsync(string path, CancellationToken cancellationToken = default)
    {
        DoraPath parsed = DoraPath.Parse(path);
        return new DoraListing(parsed, stop => _directories.PagesAsync(parsed, stop), cancellationToken);
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
        return new FreeResult(replies.Sum(static r => r.Files), replies.Sum(static r => r.Bytes), replies.Sum(static r => r.Copies), replies.Sum(static r => r.CopyBytes));
    }

    /// <summary>What a worker holds and how it fares.</summary>
    /// <param name="worker">The worker's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">Unavailable: the worker did not answer.</exception>
    public Task<WorkerStatus> GetWorkerStatusAsync(WorkerId worker, CancellationToken cancellationToken = default) =>
        _calls.OnceAsync($"cannot ask worker '{worker}'", grains => grains.GetGrain<IWorkerGrain>(worker.Value).GetStatusAsync(), cancellationToken);

    /// <summary>Asks a worker over the page channel, the way that reads take, whether it is there.</summary>
    /// <param name="worker">The worker's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How long it took, connecting included when there was no connection.</returns>
    /// <exception cref="DoraException">NotFound: no such worker is active. Denied: it refuses this client's token or certificate. Unavailable: it does not answer.</exception>
    public async Task<TimeSpan> PingAsync(WorkerId worker, CancellationToken cancellationToken = default)
    {
        ClusterSnapshot cluster = _view.Current;
        WorkerInfo found = cluster.Find(worker) ?? throw new DoraException(DoraErrorCode.NotFound, $"worker '{worker}' is not active: see 'dora workers'");
        long start = _options.TimeProvider.GetTimestamp();
        ChannelReply reply = await _pool.For(found).SendAsync(ChannelRequest.Ping, cluster.MembershipVersion, _options.Timeouts.Connect, cancellationToken).ConfigureAwait(false);
        return reply.IsOk
            ? _options.TimeProvider.GetElapsedTime(start)
            : throw new DoraException(
                reply.Status == PageChannelStatus.Ok ? DoraErrorCode.Unavailable : reply.Status.ToErrorCode(),
                $"worker '{worker}' does not serve this client at {found.Host}:{found.PagePort}: {reply.Message}");
    }

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
        _meter.Dispose();
        if (_grains is LazyGrains own)
        {
            await own.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ILogger LoggerOf(DoraClientOptions options) => options.LoggerFactory.CreateLogger(typeof(DoraClient).FullName!);

    private static PageChannelPool MakePool(DoraClientOptions options, string clusterId, ILogger logger) => new(
        new ChannelOptions
        {
            ClusterId = clusterId,
            Token = options.Token,
            UseTls = options.Tls is not null,
            WorkerCertificateCheck = options.Tls?.Validation(),
            Via = options.Via,
            ConnectionsPerWorker = options.Channel.ConnectionsPerWorker,
            HungAfter = options.Timeouts.Hung,
            UseSameHost = options.Channel.UseSameHost,
            LocalWorkers = options.Channel.LocalWorkers,
            PollTime = options.Channel.PollTime,
        },
        options.TimeProvider,
        logger);

    private static async Task<DoraClient> StartAsync(ClusterViewFollower view, Func<DoraClient> make, CancellationToken cancellationToken)
    {
        try
        {
            await view.StartAsync(cancellationToken).ConfigureAwait(false);
            return make();
        }
        catch
        {
            await view.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<StatReply> AskStatAsync(DoraPath path, CancellationToken cancellationToken)
    {
        var target = new RouteTarget(path);
        ChannelReply reply = await _router.SendAsync(new ChannelRequest(PageChannelOpcode.Stat, target.Utf8), target, cancellationToken).ConfigureAwait(false);
        if (!reply.IsOk)
        {
            throw RoutingErrors.For(reply, "stat", path, _options.Timeouts.Operation);
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

    // Apart from their callers, because a lambda costs the method it stands in an allocation whether it runs or not.
    private ValueTask<StatReply> ObservedStatAsync(DoraPath path, CancellationToken cancellationToken) =>
        _observer.OpenAsync(path, () => AskStatAsync(path, cancellationToken));

    private ValueTask<byte[]> ObservedReadAllAsync(string path, CancellationToken cancellationToken) =>
        _observer.ReadAsync(DoraPath.Parse(path), () => _files.ReadAllAsync(path, cancellationToken), static read => read.LongLength);

    private ValueTask<long> ObservedReadAsync(string path, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _observer.ReadAsync(DoraPath.Parse(path), () => _files.ReadAsync(path, buffer, cancellationToken), length => Math.Min(length, buffer.Length));
}
