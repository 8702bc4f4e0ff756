using System.Collections.Concurrent;
using System.Text;
using Dora.PageChannel;
using Dora.Storage.Files;

namespace Dora.Silo.PageChannel;

/// <summary>
/// Answers from memory what this worker owns and has: no task, no allocation, no wait. Everything else is left to <see cref="PageRequestHandler"/>.
/// Paths that were asked for are remembered with what the mount table makes of them, so that a warm open costs one lookup; the memory is bounded and
/// starts anew when it is full.
/// </summary>
/// <param name="self">This worker.</param>
/// <param name="state">The cluster as this worker sees it.</param>
/// <param name="catalog">Its metadata.</param>
/// <param name="reader">Its data.</param>
internal sealed class WarmRequests(WorkerId self, IClusterState state, IFileCatalog catalog, IFileReader reader)
{
    private const int MaxPaths = 32_768;
    private const int MaxWarmPath = 256;

    private readonly ConcurrentDictionary<string, ResolvedPath> _paths = new(StringComparer.Ordinal);

    /// <summary>Reads a range; see <see cref="IPageRequestHandler.TryReadWarm"/>.</summary>
    public bool TryRead(in ReadRequest request, Span<byte> destination, out ReadOutcome outcome)
    {
        outcome = default;
        ClusterSnapshot cluster = state.Current;
        if ((request.Flags & ReadFlags.Failover) == 0 && !IsOwner(cluster, request.File))
        {
            return false;
        }

        if (catalog.TryGetKnown(request.File) is not { Kind: FileKind.File } file || file.Version != request.Version)
        {
            return false;
        }

        ByteRange range = new ByteRange(request.Offset, request.Length).Within(file.Length);
        if (!range.IsEmpty && !reader.TryReadWarm(file, range, destination))
        {
            return false;
        }

        outcome = new ReadOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, (int)range.Length);
        return true;
    }

    /// <summary>Reads the start of a file; see <see cref="IPageRequestHandler.TryReadFileWarm"/>.</summary>
    public bool TryReadFile(in ReadFileRequest request, Span<byte> destination, out WarmFileOutcome outcome)
    {
        outcome = default;
        ClusterSnapshot cluster = state.Current;
        if (Find(cluster, request.Path) is not { } path
            || ((request.Flags & ReadFlags.Failover) == 0 && !IsOwner(cluster, path.File))
            || catalog.TryGetFresh(path.Mounted, path.File) is not { Kind: FileKind.File } file)
        {
            return false;
        }

        int bytes = (int)Math.Min(request.MaxLength, file.Length);
        if (bytes > destination.Length || (bytes > 0 && !reader.TryReadWarm(file, new ByteRange(0, bytes), destination)))
        {
            return false;
        }

        var stat = new StatReply(file.Id, file.Version, file.Kind, file.Length, file.LastModified, file.LoadedAt, path.Mounted.Mount.PageSize);
        outcome = new WarmFileOutcome(cluster.MembershipVersion, stat, bytes);
        return true;
    }

    private bool IsOwner(ClusterSnapshot cluster, FileId file) => !cluster.Ring.IsEmpty && cluster.Ring.Owner(file) == self;

    private ResolvedPath? Find(ClusterSnapshot cluster, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxWarmPath)
        {
            return null;
        }

        Span<char> text = stackalloc char[MaxWarmPath];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        if (_paths.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out ResolvedPath? known) && ReferenceEquals(known.Mounts, cluster.Mounts))
        {
            return known;
        }

        if (!DoraPath.TryParse(text.ToString(), out DoraPath path, out _) || cluster.Mounts.Resolve(path) is not { } mounted)
        {
            return null;
        }

        if (_paths.Count >= MaxPaths)
        {
            _paths.Clear();
        }

        return _paths[text.ToString()] = new ResolvedPath(cluster.Mounts, mounted, FileId.FromUfsPath(mounted.UfsPath));
    }

    private sealed record ResolvedPath(MountTable Mounts, MountedPath Mounted, FileId File);
}
