using System.Collections.Immutable;
using System.Text;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Storage.Files;
using Dora.Storage.Metadata;
using Dora.Storage.Pages;

namespace Dora.Silo.Peers;

/// <summary>
/// Tells other workers what this one knows of files: of one path, or batch by batch of all files that are the asking worker's; and tells clients what is cached here. However old it is: whether that is fresh enough, who asks knows.
/// </summary>
/// <param name="self">This worker.</param>
/// <param name="cluster">The cluster as this worker sees it.</param>
/// <param name="catalog">Its metadata.</param>
/// <param name="scan">The same, to go through.</param>
/// <param name="held">What is cached of a file.</param>
/// <param name="time">The clock that the metadata was stamped by.</param>
internal sealed class KnownMetadata(
    WorkerId self, IClusterState cluster, IFileCatalog catalog, IMetadataScan scan, Func<FileId, HeldPages> held, TimeProvider time) : IKnownRequestHandler
{
    // A piece of the metadata store is held for so long.
    private const int Slice = 1024;

    // With a large store and a small share of it few of those looked at are told.
    private const int MaxLooked = 32 * Slice;

    private Departure? _departure;

    /// <inheritdoc/>
    public ValueTask<ReadOutcome> KnownAsync(KnownArguments arguments, long membershipVersion, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ClusterSnapshot current = cluster.Current;
        return new(arguments.Flags == KnownFlags.Held
            ? TellHeld(current, arguments.Name.Span, destination.Span)
            : !arguments.Flags.HasFlag(KnownFlags.Owned)
            ? TellOne(current, Encoding.UTF8.GetString(arguments.Name.Span), destination.Span)
            : membershipVersion > current.MembershipVersion
            ? new ReadOutcome(PageChannelStatus.Busy, current.MembershipVersion, "this worker has not seen that membership version yet: ask again")
            : TellOwned(current, arguments, destination.Span, cancellationToken));
    }

    private ReadOutcome TellHeld(ClusterSnapshot current, ReadOnlySpan<byte> files, Span<byte> destination)
    {
        int count = files.Length / FileId.Size;
        destination[..KnownRecord.ReplyHead].Clear();
        for (int i = 0; i < count; i++)
        {
            HeldPages pages = held(FileId.Read(files[(i * FileId.Size)..]));
            new HeldRecord(pages.Version, pages.Bytes).Write(destination[HeldRecord.ReplySize(i)..]);
        }

        return new ReadOutcome(PageChannelStatus.Ok, current.MembershipVersion, null, HeldRecord.ReplySize(count));
    }

    private ReadOutcome TellOne(ClusterSnapshot current, string path, Span<byte> destination)
    {
        destination[..KnownRecord.ReplyHead].Clear();
        int bytes = catalog.TryGetKnown(FileId.FromUfsPath(path), path) is { } file ? Write(file, destination[KnownRecord.ReplyHead..]) : 0;
        return bytes > 0
            ? new ReadOutcome(PageChannelStatus.Ok, current.MembershipVersion, null, KnownRecord.ReplyHead + bytes)
            : new ReadOutcome(PageChannelStatus.NotCached, current.MembershipVersion, null);
    }

    private ReadOutcome TellOwned(ClusterSnapshot current, in KnownArguments arguments, Span<byte> destination, CancellationToken cancellationToken)
    {
        bool isLeaving = arguments.Flags.HasFlag(KnownFlags.Leaving);
        WorkerRing ring = isLeaving ? Without(current.Ring) : current.Ring;
        int asking = IndexOf(ring.Members, Encoding.ASCII.GetString(arguments.Name.Span)), own = isLeaving ? IndexOf(current.Ring.Members, self.Value) : -1;
        if (asking < 0)
        {
            return new ReadOutcome(PageChannelStatus.NotOwner, current.MembershipVersion, "this worker does not know the one that asks as a member");
        }

        bool IsWanted(FileId file) => ring.OwnerIndex(file) == asking && (!isLeaving || (own >= 0 && current.Ring.OwnerIndex(file) == own));

        FileId from = arguments.From;
        int written = KnownRecord.ReplyHead;
        List<FileMetadata> found = [];
        bool hasMore = true;
        for (int looked = 0; hasMore && looked < MaxLooked; looked += Slice)
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Clear();
            hasMore = scan.ReadOn(ref from, Slice, IsWanted, found);
            if (Write(found, destination, ref written) is { } next)
            {
                next.Write(destination);
                return new ReadOutcome(PageChannelStatus.Ok, current.MembershipVersion, null, written);
            }
        }

        (hasMore ? from : default).Write(destination);
        return new ReadOutcome(PageChannelStatus.Ok, current.MembershipVersion, null, written);
    }

    /// <summary>Writes files until one does not fit.</summary>
    /// <returns>That one.</returns>
    private FileId? Write(List<FileMetadata> files, Span<byte> body, ref int written)
    {
        foreach (FileMetadata file in files)
        {
            int bytes = Write(file, body[written..]);
            if (bytes == 0 && file.LoadedAt <= time.GetUtcNow() && written > KnownRecord.ReplyHead)
            {
                return file.Id;
            }

            written += bytes;
        }

        return null;
    }

    /// <returns>0: no room, or loaded in the future, before the clock was set back: then its age is unknown.</returns>
    private int Write(FileMetadata file, Span<byte> room)
    {
        TimeSpan age = time.GetUtcNow() - file.LoadedAt;
        return age < TimeSpan.Zero ? 0 : KnownRecord.Write(room, file, age);
    }

    private static int IndexOf(ImmutableArray<RingMember> members, string worker)
    {
        for (int i = 0; i < members.Length; i++)
        {
            if (members[i].Id.Value == worker)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The ring without this worker. Kept, because it costs milliseconds.</summary>
    private WorkerRing Without(WorkerRing ring)
    {
        if (Volatile.Read(ref _departure) is { } known && ReferenceEquals(known.From, ring))
        {
            return known.Rest;
        }

        var departure = new Departure(ring, new WorkerRing(ring.Members.Where(m => m.Id != self)));
        Volatile.Write(ref _departure, departure);
        return departure.Rest;
    }

    private sealed record Departure(WorkerRing From, WorkerRing Rest);
}
