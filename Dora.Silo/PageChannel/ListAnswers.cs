using System.Text;
using Dora.Interfaces;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Silo.Files;

namespace Dora.Silo.PageChannel;

/// <summary>Lists directories over the page channel: what this worker owns, or is asked for in an owner's stead.</summary>
/// <param name="self">This worker.</param>
/// <param name="state">The cluster as this worker sees it.</param>
/// <param name="files">The door to files by path.</param>
/// <param name="caller">Whom the answers are for.</param>
internal sealed class ListAnswers(WorkerId self, IClusterState state, WorkerFiles files, Caller caller) : IListRequestHandler
{
    /// <inheritdoc/>
    public async ValueTask<ReadOutcome> ListAsync(ListArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ClusterSnapshot cluster = state.Current;
        var target = RequestedPath.Resolve(caller, Encoding.UTF8.GetString(arguments.Path.Span), cluster.Mounts);
        if (target.Mounted is not null && (arguments.Flags & ListFlags.Failover) == 0 && (cluster.Ring.IsEmpty || cluster.Ring.Owner(target.Id) != self))
        {
            return new ReadOutcome(PageChannelStatus.NotOwner, cluster.MembershipVersion, null);
        }

        string? continuation = arguments.Continuation.IsEmpty ? null : Encoding.UTF8.GetString(arguments.Continuation.Span);
        for (int limit = arguments.Limit; ; limit /= 2)
        {
            ListReply page = await files.ListAsync(target, continuation, limit, cancellationToken).ConfigureAwait(false);
            if (page.Code != DoraErrorCode.None)
            {
                return new ReadOutcome(page.Code.ToStatus(), cluster.MembershipVersion, page.Message);
            }

            int bytes = Write(target, page, destination.Span);
            if (bytes > 0)
            {
                return new ReadOutcome(PageChannelStatus.Ok, cluster.MembershipVersion, null, bytes);
            }

            if (limit == 1)
            {
                return new ReadOutcome(PageChannelStatus.NotSupported, cluster.MembershipVersion, $"an entry of '{target.Path}' is too long for the page channel: ask a gateway");
            }
        }
    }

    /// <summary>Writes a page.</summary>
    /// <returns>Bytes written; 0: it does not fit.</returns>
    private static int Write(in RequestedPath target, ListReply page, Span<byte> destination)
    {
        string directory = target.Mounted is { } mounted ? mounted.UfsPath : string.Empty;
        DateTimeOffset askedAt = page.Entries.Length > 0 ? page.Entries[0].LoadedAt : DateTimeOffset.UnixEpoch;
        int at = new ListPage(askedAt, directory, page.Continuation, page.DirectoryId, page.SkippedEntries).WriteHead(destination);
        for (int i = 0; at > 0 && i < page.Entries.Length; i++)
        {
            FileStat entry = page.Entries[i];
            string name = entry.Name;
            string? ufsPath = ListPage.IsIn(directory, name, entry.UfsPath) ? null : entry.UfsPath;
            var listed = new ListedEntry(name, ufsPath, entry.Kind, entry.Length, entry.LastModified, new FileVersion(entry.Version), entry.IsLink, entry.DirectoryId);
            int bytes = listed.Write(destination[at..]);
            at = bytes == 0 ? 0 : at + bytes;
        }

        return at;
    }
}
