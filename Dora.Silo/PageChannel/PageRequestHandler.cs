using System.Runtime.CompilerServices;
using System.Text;
using Dora.Core.Linux;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Silo.Files;
using Dora.Silo.Peers;
using Dora.Silo.SameHost;
using Dora.Storage.Files;

namespace Dora.Silo.PageChannel;

/// <summary>
/// Answers requests over the page channel: what this worker owns, or is asked for in an owner's stead, by <see cref="WorkerFiles"/>. No request touches a grain.
/// </summary>
/// <param name="self">This worker.</param>
/// <param name="state">The cluster as this worker sees it.</param>
/// <param name="files">Its files, and the door to them by path.</param>
/// <param name="foreign">What reads of files are held to that this worker does not own, and where reads are noted.</param>
/// <param name="caller">Whom the answers are for: what clients of the channel have to prove.</param>
/// <param name="others">What is answered beside files; <see langword="null"/>: nothing.</param>
internal sealed class PageRequestHandler(
    WorkerId self, IClusterState state, WorkerFiles files, ForeignReads foreign, Caller caller = default, OtherAnswers? others = null)
    : IPageRequestHandler, IWarmLender
{
    private const string BudgetSpent = "this worker asks the store for other workers' files as often as it may already: try another, or later";

    private readonly SameHostDoor? _door = others?.Door;
    private readonly ListAnswers _lists = new(self, state, files, caller);
    private readonly WarmRequests _warm = new(self, state, files, files.Stores.Reader, foreign.Recent, caller);

    /// <inheritdoc/>
    public long MembershipVersion => state.Current.MembershipVersion;

    /// <inheritdoc/>
    public ValueTask<StatOutcome> StatAsync(string path, StatFlags flags, CancellationToken cancellationToken)
    {
        ClusterSnapshot cluster = state.Current;
        var target = RequestedPath.Resolve(caller, path, cluster.Mounts);
        if (target.Mounted is not null && !flags.HasFlag(StatFlags.Failover) && !IsOwner(cluster, target.Id))
        {
            return new(new StatOutcome(PageChannelStatus.NotOwner, cluster.MembershipVersion, null));
        }

        ValueTask<FileAnswer> answer = files.StatAsync(target, flags.HasFlag(StatFlags.Refresh), cancellationToken);
        return answer.IsCompletedSuccessfully ? new(FileReplies.From(answer.Result, cluster)) : AwaitAsync(answer, cluster);

        static async ValueTask<StatOutcome> AwaitAsync(ValueTask<FileAnswer> answer, ClusterSnapshot cluster) =>
            FileReplies.From(await answer.ConfigureAwait(false), cluster);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOutcome> ReadAsync(ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ClusterSnapshot cluster = state.Current;
        if ((arguments.Flags & ReadFlags.CachedOnly) != 0)
        {
            return ReadCachedAsync(cluster, arguments, destination, cancellationToken);
        }

        bool isOwner = IsOwner(cluster, arguments.File);
        if ((arguments.Flags & ReadFlags.Failover) == 0 && !isOwner)
        {
            return new(new ReadOutcome(PageChannelStatus.NotOwner, cluster.MembershipVersion, null));
        }

        foreign.Recent.Note(arguments.File);
        FileMetadata? known = files.Stores.Catalog.TryGetKnown(arguments.File);
        bool isKnown = known is { Kind: FileKind.File } && known.Version == arguments.Version;
        if (isKnown)
        {
            _warm.Remember(known!);
        }

        return !isOwner ? ReadForeignAsync(cluster, isKnown ? known : null, arguments, destination, cancellationToken)
            : isKnown ? ReadKnownAsync(cluster, known!, arguments, destination, cancellationToken)
            : FindAndReadAsync(cluster, arguments, destination, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOutcome> KnownAsync(KnownArguments arguments, long membershipVersion, Memory<byte> destination, CancellationToken cancellationToken) =>
        others?.Known?.KnownAsync(arguments, membershipVersion, destination, cancellationToken) ?? new(new ReadOutcome(PageChannelStatus.NotSupported, MembershipVersion, null));

    /// <inheritdoc/>
    public ValueTask<ReadOutcome> ListAsync(ListArguments arguments, Memory<byte> destination, CancellationToken cancellationToken) =>
        _lists.ListAsync(arguments, destination, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ViewOutcome> ViewAsync(ViewRequest request, CancellationToken cancellationToken) =>
        others?.Views?.ViewAsync(request, cancellationToken) ?? new(new ViewOutcome(PageChannelStatus.NotSupported, MembershipVersion, null));

    /// <inheritdoc/>
    public async ValueTask<StatOutcome> ReadSnapshotAsync(string path, ReadFlags flags, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ClusterSnapshot cluster = state.Current;
        var target = RequestedPath.Resolve(caller, path, cluster.Mounts);
        if (target.Mounted is not null && !IsOwner(cluster, target.Id))
        {
            if ((flags & ReadFlags.Failover) == 0)
            {
                return new StatOutcome(PageChannelStatus.NotOwner, cluster.MembershipVersion, null);
            }

            if (!await foreign.Budget.AcquireAsync(cancellationToken).ConfigureAwait(false))
            {
                return new StatOutcome(PageChannelStatus.Busy, cluster.MembershipVersion, BudgetSpent);
            }
        }

        return FileReplies.From(await files.ReadSnapshotAsync(target, destination, cancellationToken).ConfigureAwait(false), cluster);
    }

    /// <inheritdoc/>
    public bool TryReadWarm(in ReadRequest request, Span<byte> destination, out ReadOutcome outcome) => _warm.TryRead(request, destination, out outcome);

    /// <inheritdoc/>
    public bool TryStatWarm(in StatRequest request, out StatOutcome outcome) => _warm.TryStat(request, out outcome);

    /// <inheritdoc/>
    public bool TryReadFileWarm(in ReadFileRequest request, Span<byte> destination, out WarmFileOutcome outcome) =>
        _warm.TryReadFile(request, destination, out outcome);

    /// <inheritdoc/>
    public bool TryLendWarm(in ReadRequest request, int least, out ReadOutcome outcome, out LentBytes lent) =>
        _warm.TryLend(request, least, out outcome, out lent);

    /// <inheritdoc/>
    public bool TryLendFileWarm(in ReadFileRequest request, int least, out WarmFileOutcome outcome, out LentBytes lent) =>
        _warm.TryLendFile(request, least, out outcome, out lent);

    /// <inheritdoc/>
    public bool TryLocateWarm(in LocateRequest request, Span<PageLocation> locations, out LocateOutcome outcome)
    {
        outcome = default;
        return _door is not null && _warm.TryLocate(request, locations, out outcome);
    }

    /// <inheritdoc/>
    public int WriteInvitation(Span<byte> destination, ulong requestId) => _door?.WriteInvitation(destination, requestId, MembershipVersion) ?? 0;

    /// <inheritdoc/>
    public async ValueTask<LocateOutcome> LocateAsync(LocateArguments arguments, Memory<PageLocation> locations, CancellationToken cancellationToken)
    {
        ClusterSnapshot cluster = state.Current;
        if (_door is null)
        {
            return new LocateOutcome(PageChannelStatus.NotSupported, cluster.MembershipVersion, null);
        }

        (FileId id, FileVersion version, int fetchSize) = (arguments.File, arguments.Version, 0);
        if (version.IsNone)
        {
            StatOutcome stat = await StatAsync(Encoding.UTF8.GetString(arguments.Path.Span), StatFlags.None, cancellationToken).ConfigureAwait(false);
            if (stat.Status != PageChannelStatus.Ok)
            {
                return new LocateOutcome(stat.Status, stat.MembershipVersion, stat.Message);
            }

            (id, version, fetchSize) = (stat.Reply.File, stat.Reply.Version, stat.Reply.FetchSize);
        }

        if (!IsOwner(cluster, id))
        {
            return new LocateOutcome(PageChannelStatus.NotOwner, cluster.MembershipVersion, null);
        }

        if (files.Stores.Catalog.TryGetKnown(id) is not { Kind: FileKind.File } file || file.Version != version)
        {
            return new LocateOutcome(PageChannelStatus.NotCached, cluster.MembershipVersion, null);
        }

        _warm.Remember(file);
        foreign.Recent.Note(id);
        ByteRange range = arguments.Range.Within(file.Length);
        int count = files.Stores.Reader.Locate(file, range, range.End + arguments.Ahead, mayWait: true, locations.Span, out _);
        return new LocateOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, FileReplies.Describe(file, fetchSize), count);
    }

    private static FileReadMode Mode(ReadFlags flags) =>
        (flags & ReadFlags.StoreDirect) != 0 ? FileReadMode.StoreDirect
        : (flags & ReadFlags.Sequential) != 0 ? FileReadMode.Sequential
        : FileReadMode.Cached;

    /// <summary>What is cached here of a file, from the start of the range on. Asks nobody, so that workers that ask each other cannot go in circles.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOutcome> ReadCachedAsync(
        ClusterSnapshot cluster, ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (files.Stores.Catalog.TryGetKnown(arguments.File) is { Kind: FileKind.File } file && file.Version == arguments.Version)
        {
            ByteRange range = arguments.Range.Within(file.Length);
            FileReadResult result = await files.Stores.Reader.ReadAsync(file, range, destination, FileReadMode.CachedOnly, cancellationToken).ConfigureAwait(false);
            if (result.Code == DoraErrorCode.None && (result.Bytes > 0 || range.IsEmpty))
            {
                return new ReadOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, result.Bytes);
            }
        }

        return new ReadOutcome(PageChannelStatus.NotCached, cluster.MembershipVersion, null);
    }

    /// <summary>Reads a file that another worker owns: what is cached at once, the rest within the budget for the store.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOutcome> ReadForeignAsync(
        ClusterSnapshot cluster, FileMetadata? known, ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (known is not null)
        {
            ReadOutcome cached = await ReadCachedAsync(cluster, arguments, destination, cancellationToken).ConfigureAwait(false);
            if (cached.Status == PageChannelStatus.Ok && cached.Bytes == arguments.Range.Within(known.Length).Length)
            {
                return cached;
            }
        }

        if (!await foreign.Budget.AcquireAsync(cancellationToken).ConfigureAwait(false))
        {
            return new ReadOutcome(PageChannelStatus.Busy, cluster.MembershipVersion, BudgetSpent);
        }

        return known is not null
            ? await ReadKnownAsync(cluster, known, arguments, destination, cancellationToken).ConfigureAwait(false)
            : await FindAndReadAsync(cluster, arguments, destination, cancellationToken).ConfigureAwait(false);
    }

    private bool IsOwner(ClusterSnapshot cluster, FileId file) => !cluster.Ring.IsEmpty && cluster.Ring.Owner(file) == self;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOutcome> ReadKnownAsync(
        ClusterSnapshot cluster, FileMetadata file, ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ByteRange range = arguments.Range.Within(file.Length);
        if (range.IsEmpty)
        {
            return new ReadOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null);
        }

        FileReadResult result = await files.ReadAsync(file, range, destination, Mode(arguments.Flags), cancellationToken).ConfigureAwait(false);
        return result.Code != DoraErrorCode.None
            ? new ReadOutcome(result.Code.ToStatus(), cluster.MembershipVersion, result.Error)
            : result.Bytes != range.Length
            ? new ReadOutcome(PageChannelStatus.Failed, cluster.MembershipVersion, $"{result.Bytes} of {range.Length} bytes of '{file.UfsPath}' came: read again")
            : new ReadOutcome(
                PageChannelStatus.Ok, cluster.MembershipVersion, null, result.Bytes, result.BytesFromStore > 0 ? ReplyFlags.FromStore : ReplyFlags.None);
    }

    /// <summary>The reader's file or version is unknown here: ask the store what is there now, by the path in the request.</summary>
    private async ValueTask<ReadOutcome> FindAndReadAsync(
        ClusterSnapshot cluster, ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        long version = cluster.MembershipVersion;
        var target = RequestedPath.Resolve(caller, Encoding.UTF8.GetString(arguments.Path.Span), cluster.Mounts);
        if (target.Mounted is not null && target.Id != arguments.File)
        {
            return new ReadOutcome(PageChannelStatus.VersionChanged, version, $"'{target.Path}' is another file since its mount changed: open it again");
        }

        FileAnswer found = await files.StatAsync(target, refresh: true, cancellationToken).ConfigureAwait(false);
        return found switch
        {
            { Code: DoraErrorCode.None, File: { Kind: FileKind.File } file } when file.Version == arguments.Version =>
                await ReadKnownAsync(cluster, file, arguments, destination, cancellationToken).ConfigureAwait(false),
            { Code: DoraErrorCode.None, File.Kind: FileKind.File } =>
                new ReadOutcome(PageChannelStatus.VersionChanged, version, $"'{target.Path}' changed while it was read: open it again"),
            { Code: DoraErrorCode.None, File: { } other } =>
                new ReadOutcome(PageChannelStatus.IsDirectory, version, FileMessages.Failed(target.Path, other.UfsPath, DoraErrorCode.IsDirectory)),
            _ => new ReadOutcome(found.Code.ToStatus(), version, found.Error),
        };
    }
}
