using System.Runtime.CompilerServices;
using System.Text;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Silo.Peers;
using Dora.Silo.SameHost;
using Dora.Storage.Files;

namespace Dora.Silo.PageChannel;

/// <summary>
/// Answers requests from this worker's catalog and reader. A fresh stat and a warm read touch no grain, and neither does a first open: the catalog
/// asks the store once for concurrent questions.
/// </summary>
/// <param name="self">This worker.</param>
/// <param name="state">The cluster as this worker sees it.</param>
/// <param name="stores">Its files.</param>
/// <param name="time">Stamps directories that exist only above mounts.</param>
/// <param name="foreign">What reads of files are held to that this worker does not own, and where reads are noted.</param>
/// <param name="door">Where clients of this host get descriptors; <see langword="null"/>: nowhere.</param>
/// <param name="peerAnswers">Tells other workers what this one knows; <see langword="null"/>: it tells nothing.</param>
internal sealed class PageRequestHandler(
    WorkerId self, IClusterState state, WorkerStores stores, TimeProvider time, ForeignReads foreign, SameHostDoor? door = null, IKnownRequestHandler? peerAnswers = null)
    : IPageRequestHandler
{
    private readonly WarmRequests _warm = new(self, state, stores.Catalog, stores.Reader, foreign.Recent, time);

    /// <inheritdoc/>
    public long MembershipVersion => state.Current.MembershipVersion;

    /// <inheritdoc/>
    public ValueTask<StatOutcome> StatAsync(string path, StatFlags flags, CancellationToken cancellationToken)
    {
        ClusterSnapshot cluster = state.Current;
        if (!DoraPath.TryParse(path, out DoraPath parsed, out string? error))
        {
            return new(new StatOutcome(PageChannelStatus.InvalidPath, cluster.MembershipVersion, error));
        }

        if (cluster.Mounts.Resolve(parsed) is not { } mounted)
        {
            return new(AboveMounts(cluster, parsed));
        }

        FileId file = FileId.FromUfsPath(mounted.UfsPath);
        bool failover = flags.HasFlag(StatFlags.Failover);
        if (!failover && !IsOwner(cluster, file))
        {
            return new(new StatOutcome(PageChannelStatus.NotOwner, cluster.MembershipVersion, null));
        }

        bool refresh = flags.HasFlag(StatFlags.Refresh);
        if (!refresh && stores.Catalog.TryGetFresh(mounted) is { } fresh)
        {
            return new(Answer(cluster, parsed, mounted, fresh, ReplyFlags.None));
        }

        // The catalog asks the store once for concurrent questions, and this worker is the owner: a grain would add nothing but an activation per file.
        return AskCatalogAsync(cluster, parsed, mounted, refresh, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOutcome> ReadAsync(ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ClusterSnapshot cluster = state.Current;
        if (arguments.Flags.HasFlag(ReadFlags.CachedOnly))
        {
            return ReadCachedAsync(cluster, arguments, destination, cancellationToken);
        }

        bool isOwner = IsOwner(cluster, arguments.File);
        if (!arguments.Flags.HasFlag(ReadFlags.Failover) && !isOwner)
        {
            return new(new ReadOutcome(PageChannelStatus.NotOwner, cluster.MembershipVersion, null));
        }

        foreign.Recent.Note(arguments.File);
        FileMetadata? known = stores.Catalog.TryGetKnown(arguments.File);
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
        peerAnswers?.KnownAsync(arguments, membershipVersion, destination, cancellationToken) ?? new(new ReadOutcome(PageChannelStatus.NotSupported, MembershipVersion, null));

    /// <inheritdoc/>
    public bool TryReadWarm(in ReadRequest request, Span<byte> destination, out ReadOutcome outcome) => _warm.TryRead(request, destination, out outcome);

    /// <inheritdoc/>
    public bool TryStatWarm(in StatRequest request, out StatOutcome outcome) => _warm.TryStat(request, out outcome);

    /// <inheritdoc/>
    public bool TryReadFileWarm(in ReadFileRequest request, Span<byte> destination, out WarmFileOutcome outcome) =>
        _warm.TryReadFile(request, destination, out outcome);

    /// <inheritdoc/>
    public bool TryLocateWarm(in LocateRequest request, Span<PageLocation> locations, out LocateOutcome outcome)
    {
        outcome = default;
        return door is not null && _warm.TryLocate(request, locations, out outcome);
    }

    /// <inheritdoc/>
    public int WriteInvitation(Span<byte> destination, ulong requestId) => door?.WriteInvitation(destination, requestId, MembershipVersion) ?? 0;

    /// <inheritdoc/>
    public async ValueTask<LocateOutcome> LocateAsync(LocateArguments arguments, Memory<PageLocation> locations, CancellationToken cancellationToken)
    {
        ClusterSnapshot cluster = state.Current;
        if (door is null)
        {
            return new LocateOutcome(PageChannelStatus.NotSupported, cluster.MembershipVersion, null);
        }

        (FileId id, FileVersion version, int pageSize) = (arguments.File, arguments.Version, 0);
        if (version.IsNone)
        {
            StatOutcome stat = await StatAsync(Encoding.UTF8.GetString(arguments.Path.Span), StatFlags.None, cancellationToken).ConfigureAwait(false);
            if (stat.Status != PageChannelStatus.Ok)
            {
                return new LocateOutcome(stat.Status, stat.MembershipVersion, stat.Message);
            }

            (id, version, pageSize) = (stat.Reply.File, stat.Reply.Version, stat.Reply.PageSize);
        }

        if (!IsOwner(cluster, id))
        {
            return new LocateOutcome(PageChannelStatus.NotOwner, cluster.MembershipVersion, null);
        }

        if (stores.Catalog.TryGetKnown(id) is not { Kind: FileKind.File } file || file.Version != version)
        {
            return new LocateOutcome(PageChannelStatus.NotCached, cluster.MembershipVersion, null);
        }

        _warm.Remember(file);
        foreign.Recent.Note(id);
        ByteRange range = arguments.Range.Within(file.Length);
        int count = stores.Reader.Locate(file, range, range.End + arguments.Ahead, mayWait: true, locations.Span, out _);
        return new LocateOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, WarmRequests.Describe(file, pageSize), count);
    }

    private static FileReadMode Mode(ReadFlags flags) =>
        flags.HasFlag(ReadFlags.StoreDirect) ? FileReadMode.StoreDirect
        : flags.HasFlag(ReadFlags.Sequential) ? FileReadMode.Sequential
        : FileReadMode.Cached;

    /// <summary>What is cached here of a file, from the start of the range on. Asks nobody, so that workers that ask each other cannot go in circles.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOutcome> ReadCachedAsync(
        ClusterSnapshot cluster, ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (stores.Catalog.TryGetKnown(arguments.File) is { Kind: FileKind.File } file && file.Version == arguments.Version)
        {
            ByteRange range = arguments.Range.Within(file.Length);
            FileReadResult result = await stores.Reader.ReadAsync(file, range, destination, FileReadMode.CachedOnly, cancellationToken).ConfigureAwait(false);
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
            return new ReadOutcome(
                PageChannelStatus.Busy, cluster.MembershipVersion, "this worker asks the store for other workers' files as often as it may already: try another, or later");
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

        FileReadResult result = await stores.Reader.ReadAsync(file, range, destination, Mode(arguments.Flags), cancellationToken).ConfigureAwait(false);
        if (result.Code is DoraErrorCode.VersionChanged or DoraErrorCode.NotFound)
        {
            // The store has moved on: what is remembered would mislead the reopen that follows.
            await stores.Changes.ForgetAsync(file, cancellationToken).ConfigureAwait(false);
        }

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
        string text = Encoding.UTF8.GetString(arguments.Path.Span);
        if (!DoraPath.TryParse(text, out DoraPath path, out string? error))
        {
            return new ReadOutcome(PageChannelStatus.InvalidPath, version, error);
        }

        if (cluster.Mounts.Resolve(path) is not { } mounted)
        {
            return new ReadOutcome(PageChannelStatus.NotMounted, version, Messages.NotMounted(path));
        }

        if (FileId.FromUfsPath(mounted.UfsPath) != arguments.File)
        {
            return new ReadOutcome(PageChannelStatus.VersionChanged, version, $"'{path}' is another file since its mount changed: open it again");
        }

        CatalogResult found = await stores.Catalog.GetAsync(mounted, refresh: true, cancellationToken).ConfigureAwait(false);
        return found switch
        {
            { Code: DoraErrorCode.None, Metadata: { Kind: FileKind.File } file } when file.Version == arguments.Version =>
                await ReadKnownAsync(cluster, file, arguments, destination, cancellationToken).ConfigureAwait(false),
            { Code: DoraErrorCode.None, Metadata.Kind: FileKind.File } =>
                new ReadOutcome(PageChannelStatus.VersionChanged, version, $"'{path}' changed while it was read: open it again"),
            { Code: DoraErrorCode.None, Metadata.Kind: FileKind.Directory } =>
                new ReadOutcome(PageChannelStatus.IsDirectory, version, Messages.IsDirectory(path)),
            { Code: DoraErrorCode.None or DoraErrorCode.NotFound } =>
                new ReadOutcome(PageChannelStatus.NotFound, version, Messages.NotFound(path, mounted)),
            _ => new ReadOutcome(found.Code.ToStatus(), version, found.Error),
        };
    }

    private async ValueTask<StatOutcome> AskCatalogAsync(
        ClusterSnapshot cluster, DoraPath path, MountedPath mounted, bool refresh, CancellationToken cancellationToken)
    {
        CatalogResult found = await stores.Catalog.GetAsync(mounted, refresh, cancellationToken).ConfigureAwait(false);
        return found switch
        {
            { Code: DoraErrorCode.None, Metadata: { } metadata } => Answer(cluster, path, mounted, metadata, ReplyFlags.FromStore),
            { Code: DoraErrorCode.None or DoraErrorCode.NotFound } => Nothing(cluster, path, mounted),
            _ => new StatOutcome(found.Code.ToStatus(), cluster.MembershipVersion, found.Error),
        };
    }

    private StatOutcome Answer(ClusterSnapshot cluster, DoraPath path, MountedPath mounted, FileMetadata file, ReplyFlags flags) =>
        file.Kind == FileKind.Missing
            ? Nothing(cluster, path, mounted)
            : new StatOutcome(
                PageChannelStatus.Ok,
                cluster.MembershipVersion,
                null,
                new StatReply(file.Id, file.Version, file.Kind, file.Length, file.LastModified, file.LoadedAt, mounted.Mount.PageSize),
                flags);

    /// <summary>The store has nothing there; but a mount further down makes it a directory all the same.</summary>
    private StatOutcome Nothing(ClusterSnapshot cluster, DoraPath path, MountedPath mounted)
    {
        StatOutcome above = AboveMounts(cluster, path);
        return above.Status == PageChannelStatus.Ok
            ? above
            : new StatOutcome(PageChannelStatus.NotFound, cluster.MembershipVersion, Messages.NotFound(path, mounted));
    }

    /// <summary>A directory on the way to a mount exists in no store: every worker can answer for it.</summary>
    private StatOutcome AboveMounts(ClusterSnapshot cluster, DoraPath path)
    {
        if (!path.IsRoot && !cluster.Mounts.ChildNames(path).Any())
        {
            return new StatOutcome(PageChannelStatus.NotMounted, cluster.MembershipVersion, Messages.NotMounted(path));
        }

        var directory = new StatReply(
            cluster.Mounts.FileIdOf(path), FileVersion.None, FileKind.Directory, 0, DateTimeOffset.UnixEpoch, time.GetUtcNow(), PageSize: 0);
        return new StatOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, directory);
    }

    private static class Messages
    {
        public static string NotMounted(DoraPath path) => $"'{path}' is under no mount: see the mounts with 'dora mount list', or add one";

        public static string NotFound(DoraPath path, MountedPath mounted) => $"'{path}' does not exist ('{mounted.UfsPath}' is not in the store): check the name";

        public static string IsDirectory(DoraPath path) => $"'{path}' is a directory: give a file";
    }
}
