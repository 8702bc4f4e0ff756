using System.Text;
using BitFaster.Caching;
using BitFaster.Caching.Lru;
using Dora.Core.Linux;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Silo.Files;
using Dora.Silo.Peers;
using Dora.Storage.Files;

namespace Dora.Silo.PageChannel;

/// <summary>
/// Answers from memory what this worker owns and has: no task, no allocation, no wait. Everything else is left to <see cref="PageRequestHandler"/>.
/// Files and paths that were asked for are remembered with what catalog and mount table make of them, so that a warm request costs one lookup; this
/// memory is bounded, and what was not asked for again goes first.
/// </summary>
/// <param name="self">This worker.</param>
/// <param name="state">The cluster as this worker sees it.</param>
/// <param name="files">What is at a path.</param>
/// <param name="reader">Its data.</param>
/// <param name="recent">Where reads are noted.</param>
/// <param name="caller">Whom the answers are for.</param>
internal sealed class WarmRequests(
    WorkerId self, IClusterState state, WorkerFiles files, IFileReader reader, RecentFiles recent, Caller caller)
{
    private const int MaxRemembered = 32_768;
    private const int MaxWarmPath = 256;

    private readonly IWarmLoans? _loans = reader as IWarmLoans;
    private readonly FastConcurrentLru<FileId, FileMetadata> _files = new(MaxRemembered);
    private readonly IAlternateLookup<ReadOnlySpan<char>, string, ResolvedPath> _paths =
        new FastConcurrentLru<string, ResolvedPath>(Environment.ProcessorCount, MaxRemembered, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// Remembers a file that is being read. It is never invalidated: a read names its version, and whatever is in the page store under that version
    /// are bytes of that version, however old.
    /// </summary>
    public void Remember(FileMetadata file)
    {
        if (!_files.TryGet(file.Id, out FileMetadata? known) || known.Version != file.Version)
        {
            _files.AddOrUpdate(file.Id, file);
        }
    }

    /// <summary>Reads a range; see <see cref="IWarmRequestHandler.TryReadWarm"/>.</summary>
    public bool TryRead(in ReadRequest request, Span<byte> destination, out ReadOutcome outcome)
    {
        outcome = default;
        ClusterSnapshot cluster = state.Current;
        if (Find(cluster, request) is not { } file)
        {
            return false;
        }

        ByteRange range = new ByteRange(request.Offset, request.Length).Within(file.Length);
        if (!range.IsEmpty && !reader.TryReadWarm(file, range, destination))
        {
            return false;
        }

        recent.Note(request.File);
        outcome = new ReadOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, (int)range.Length);
        return true;
    }

    /// <summary>Lends a range; see <see cref="IWarmLender.TryLendWarm"/>.</summary>
    public bool TryLend(in ReadRequest request, int least, out ReadOutcome outcome, out LentBytes lent)
    {
        (outcome, lent) = (default, default);
        ClusterSnapshot cluster = state.Current;
        if (_loans is null || Find(cluster, request) is not { } file)
        {
            return false;
        }

        ByteRange range = new ByteRange(request.Offset, request.Length).Within(file.Length);
        if (range.Length < least || !_loans.TryLendWarm(file, range, out lent))
        {
            return false;
        }

        recent.Note(request.File);
        outcome = new ReadOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, (int)range.Length);
        return true;
    }

    /// <summary>Lends the start of a file; see <see cref="IWarmLender.TryLendFileWarm"/>.</summary>
    public bool TryLendFile(in ReadFileRequest request, int least, out WarmFileOutcome outcome, out LentBytes lent)
    {
        (outcome, lent) = (default, default);
        ClusterSnapshot cluster = state.Current;
        if (_loans is null || FindFresh(cluster, request) is not ({ } path, { } file))
        {
            return false;
        }

        int bytes = (int)Math.Min(request.MaxLength, file.Length);
        if (bytes < least || !_loans.TryLendWarm(file, new ByteRange(0, bytes), out lent))
        {
            return false;
        }

        recent.Note(path.Target.Id);
        outcome = new WarmFileOutcome(cluster.MembershipVersion, FileReplies.Describe(file, path.Mount.FetchSize), bytes);
        return true;
    }

    /// <summary>Tells what is at a path; see <see cref="IWarmRequestHandler.TryStatWarm"/>.</summary>
    public bool TryStat(in StatRequest request, out StatOutcome outcome)
    {
        outcome = default;
        ClusterSnapshot cluster = state.Current;
        if ((request.Flags & StatFlags.Refresh) != 0 || Find(cluster, request.Path) is not { } path
            || ((request.Flags & StatFlags.Failover) == 0 && !IsOwner(cluster, path.Target.Id)) || Fresh(path) is not { } file)
        {
            return false;
        }

        outcome = file.Kind == FileKind.Missing
            ? FileReplies.From(files.Nothing(path.Target), cluster)
            : new StatOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, FileReplies.Describe(file, path.Mount.FetchSize));
        return true;
    }

    /// <summary>Reads the start of a file; see <see cref="IWarmRequestHandler.TryReadFileWarm"/>.</summary>
    public bool TryReadFile(in ReadFileRequest request, Span<byte> destination, out WarmFileOutcome outcome)
    {
        outcome = default;
        ClusterSnapshot cluster = state.Current;
        if (FindFresh(cluster, request) is not ({ } path, { } file))
        {
            return false;
        }

        int bytes = (int)Math.Min(request.MaxLength, file.Length);
        if (bytes > destination.Length || (bytes > 0 && !reader.TryReadWarm(file, new ByteRange(0, bytes), destination)))
        {
            return false;
        }

        recent.Note(path.Target.Id);
        outcome = new WarmFileOutcome(cluster.MembershipVersion, FileReplies.Describe(file, path.Mount.FetchSize), bytes);
        return true;
    }

    /// <summary>Says where bytes lie; see <see cref="IWarmRequestHandler.TryLocateWarm"/>.</summary>
    public bool TryLocate(in LocateRequest request, Span<PageLocation> locations, out LocateOutcome outcome)
    {
        outcome = default;
        ClusterSnapshot cluster = state.Current;
        int fetchSize = 0;
        FileMetadata? file;
        if (!request.Version.IsNone)
        {
            file = _files.TryGet(request.File, out FileMetadata? known) && known.Version == request.Version ? known : null;
        }
        else
        {
            ResolvedPath? path = Find(cluster, request.Path);
            file = path is null ? null : Fresh(path);
            fetchSize = path?.Mount.FetchSize ?? 0;
        }

        if (file is not { Kind: FileKind.File } || !IsOwner(cluster, file.Id))
        {
            return false;
        }

        ByteRange range = new ByteRange(request.Offset, request.Length).Within(file.Length);
        int count = reader.Locate(file, range, range.End + request.Ahead, mayWait: false, locations, out bool isWhole);
        if (!isWhole)
        {
            return false;
        }

        recent.Note(file.Id);
        outcome = new LocateOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, FileReplies.Describe(file, fetchSize), count);
        return true;
    }

    /// <summary>The path's metadata when it is fresh by the mount's rule: kept from the last time, as long as the catalog has learned nothing else.</summary>
    private FileMetadata? Fresh(ResolvedPath path)
    {
        long changes = files.Changes;
        if (path.Kept is { } kept && kept.Changes == changes && files.IsFresh(kept.File, path.Mount))
        {
            return kept.File;
        }

        FileMetadata? fresh = files.TryGetFresh(path.Target);
        path.Kept = fresh is { Kind: not FileKind.Missing } && changes >= 0 ? new Kept(changes, fresh) : null;
        return fresh;
    }

    private FileMetadata? Find(ClusterSnapshot cluster, in ReadRequest request) =>
        _files.TryGet(request.File, out FileMetadata? file) && file.Version == request.Version
            && ((request.Flags & ReadFlags.Failover) != 0 || IsOwner(cluster, request.File)) ? file : null;

    private (ResolvedPath? Path, FileMetadata? File) FindFresh(ClusterSnapshot cluster, in ReadFileRequest request) =>
        Find(cluster, request.Path) is { } path && ((request.Flags & ReadFlags.Failover) != 0 || IsOwner(cluster, path.Target.Id))
            && Fresh(path) is { Kind: FileKind.File } file ? (path, file) : default;

    private bool IsOwner(ClusterSnapshot cluster, FileId file) => !cluster.Ring.IsEmpty && cluster.Ring.Owner(file) == self;

    private ResolvedPath? Find(ClusterSnapshot cluster, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxWarmPath)
        {
            return null;
        }

        Span<char> text = stackalloc char[MaxWarmPath];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        if (_paths.TryGet(text, out ResolvedPath? known) && ReferenceEquals(known.Target.Mounts, cluster.Mounts))
        {
            return known;
        }

        var target = RequestedPath.Resolve(caller, text.ToString(), cluster.Mounts);
        if (target.Mounted is not { } mounted)
        {
            return null;
        }

        var resolved = new ResolvedPath(target, mounted.Mount);
        _paths.AddOrUpdate(text, resolved);
        return resolved;
    }

    private sealed record Kept(long Changes, FileMetadata File);

    private sealed class ResolvedPath(RequestedPath target, Mount mount)
    {
        private readonly RequestedPath _target = target;

        public ref readonly RequestedPath Target => ref _target;

        public Mount Mount { get; } = mount;

        public Kept? Kept { get; set; }
    }
}
