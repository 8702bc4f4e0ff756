using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>Turns one connection's requests into replies: decodes, asks the handler, and writes the answer into a pooled buffer.</summary>
/// <param name="handler">Answers.</param>
/// <param name="shared">What the data of all connections' replies is counted against.</param>
/// <param name="own">What the data of this connection's replies is counted against, so that a client that does not read cannot hold what all need.</param>
/// <param name="buffers">Where the data of replies is put.</param>
/// <param name="surprise">Told of exceptions that are no answer.</param>
internal sealed class RequestExecutor(
    IPageRequestHandler handler, ReplyBudget shared, ReplyBudget own, SendBuffers buffers, Action<Exception> surprise)
{
    private const byte ReplyBit = 0x80;

    // What a file that is being appended to may grow between a stat and the look at the whole.
    private const int SnapshotRoom = 64 * 1024;
    private const string NoBuffers = "the worker's reply buffers are all in use: try again";

    /// <summary>Most bytes of one read, granted in the hello.</summary>
    public int MaxReadLength { get; set; }

    /// <summary>The membership version this worker acts on.</summary>
    public long MembershipVersion => handler.MembershipVersion;

    /// <summary>Copies a request out of its frame.</summary>
    public static FrameDecode Decode(in FrameHeader header, ReadOnlySpan<byte> body, RequestSlot slot)
    {
        FrameDecode decode;
        slot.Flags = header.Flags;
        slot.Opcode = header.Opcode;
        if (slot.Opcode == PageChannelOpcode.Stat)
        {
            decode = FrameReader.ReadStat(header, body, out StatRequest stat);
            slot.SetPath(stat.Path);
            return decode;
        }

        if (slot.Opcode == PageChannelOpcode.ReadFile)
        {
            decode = FrameReader.ReadReadFile(header, body, out ReadFileRequest file);
            slot.SetPath(file.Path);
            slot.Range = new ByteRange(0, file.MaxLength);
            return decode;
        }

        if (slot.Opcode == PageChannelOpcode.Locate)
        {
            decode = FrameReader.ReadLocate(header, body, out LocateRequest locate);
            slot.SetPath(locate.Path);
            (slot.File, slot.Version, slot.Ahead) = (locate.File, locate.Version, locate.Ahead);
            slot.Range = decode.IsOk ? new ByteRange(locate.Offset, locate.Length) : default;
            return decode;
        }

        if (slot.Opcode == PageChannelOpcode.Known)
        {
            decode = FrameReader.ReadKnown(header, body, out KnownRequest known);
            slot.SetPath(known.Name);
            (slot.File, slot.Range, slot.MembershipVersion) = (known.From, default, header.MembershipVersion);
            return decode;
        }

        if (slot.Opcode == PageChannelOpcode.SameHost)
        {
            slot.Range = default;
            return FrameDecode.Ok;
        }

        if (slot.Opcode == PageChannelOpcode.List)
        {
            decode = ListRequest.Read(header, body, out ListRequest list);
            slot.SetPath(list.Path, list.Continuation);
            slot.Range = new ByteRange(0, list.Limit);
            return decode;
        }

        if (slot.Opcode == PageChannelOpcode.View)
        {
            decode = ViewRequest.Read(header, body, out ViewRequest view);
            (slot.View, slot.Range) = (view, default);
            return decode;
        }

        decode = FrameReader.ReadRead(header, body, out ReadRequest read);
        slot.SetPath(read.Path);
        (slot.File, slot.Version) = (read.File, read.Version);
        slot.Range = decode.IsOk ? new ByteRange(read.Offset, read.Length) : default;
        return decode;
    }

    /// <summary>Answers a request. Never throws.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<QueuedReply> ExecuteAsync(RequestSlot slot)
    {
        PageChannelOpcode opcode = slot.Opcode;
        try
        {
            return opcode switch
            {
                PageChannelOpcode.Stat => await StatAsync(slot).ConfigureAwait(false),
                PageChannelOpcode.ReadFile => await ReadFileAsync(slot).ConfigureAwait(false),
                PageChannelOpcode.Locate => await LocateAsync(slot).ConfigureAwait(false),
                PageChannelOpcode.SameHost => Invite(slot),
                PageChannelOpcode.Known => await FillAsync(slot, KnownRecord.MaxReply).ConfigureAwait(false),
                PageChannelOpcode.List => await FillAsync(slot, Math.Min(ListPage.MaxReply, MaxReadLength)).ConfigureAwait(false),
                PageChannelOpcode.View => await ViewAsync(slot).ConfigureAwait(false),
                _ => await ReadAsync(slot).ConfigureAwait(false),
            };
        }
        catch (OperationCanceledException)
        {
            return Error(opcode, slot.Id, PageChannelStatus.Cancelled, handler.MembershipVersion, "cancelled");
        }
        catch (Exception e)
        {
            surprise(e);
            return Error(opcode, slot.Id, PageChannelStatus.Failed, handler.MembershipVersion, $"the worker failed by surprise ({e.GetType().Name}): see its log");
        }
    }

    /// <summary>A failed reply to a request with an opcode.</summary>
    public QueuedReply Error(PageChannelOpcode request, ulong id, PageChannelStatus status, long membershipVersion, string? message)
    {
        byte[] buffer = QueuedReply.RentSmall();
        return new QueuedReply(buffer, FrameWriter.WriteError(buffer, ReplyTo(request), id, membershipVersion, status, message), 0, IsCounted: true) { Status = status };
    }

    /// <summary>Gives back what a reply holds.</summary>
    public void Release(QueuedReply reply)
    {
        if (reply.Reserved == 0)
        {
            reply.ReturnSmall();
            return;
        }

        buffers.Return(reply.Buffer);
        ReleaseBytes(reply.Reserved);
    }

    /// <summary>A buffer for the answers to several small requests, counted like a read reply; <see langword="null"/> when none is free at once.</summary>
    public byte[]? TryRentBatch(int bytes)
    {
        return TryReserve(FrameHeader.Size + bytes) ? buffers.Rent(bytes) : null;
    }

    /// <summary>Counts bytes of a reply when nobody has to wait for it; ends with <see cref="ReleaseBytes"/>, or <see cref="Release"/> of the reply.</summary>
    public bool TryReserve(int bytes)
    {
        if (!own.TryAcquire(bytes))
        {
            return false;
        }

        if (shared.TryAcquire(bytes))
        {
            return true;
        }

        own.Release(bytes);
        return false;
    }

    /// <summary>A buffer for bytes that are reserved.</summary>
    public byte[] Rent(int bytes) => buffers.Rent(bytes);

    /// <summary>Ends <see cref="TryReserve"/>.</summary>
    public void ReleaseBytes(int bytes)
    {
        shared.Release(bytes);
        own.Release(bytes);
    }

    private static PageChannelOpcode ReplyTo(PageChannelOpcode request) => (PageChannelOpcode)((byte)request | ReplyBit);

    private async ValueTask<bool> ReserveAsync(int bytes, CancellationToken cancellationToken)
    {
        if (!await own.AcquireAsync(bytes, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        bool isReserved = false;
        try
        {
            return isReserved = await shared.AcquireAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isReserved)
            {
                own.Release(bytes);
            }
        }
    }

    private async ValueTask<QueuedReply> StatAsync(RequestSlot slot)
    {
        string path = Encoding.UTF8.GetString(slot.Path.Span);
        StatOutcome outcome = await handler.StatAsync(path, (StatFlags)slot.Flags, slot.Cancellation.Token).ConfigureAwait(false);
        if (outcome.Status != PageChannelStatus.Ok)
        {
            return Error(PageChannelOpcode.Stat, slot.Id, outcome.Status, outcome.MembershipVersion, outcome.Message);
        }

        byte[] buffer = QueuedReply.RentSmall();
        int length = FrameWriter.WriteStatReply(buffer, slot.Id, outcome.MembershipVersion, outcome.Flags, outcome.Reply);
        return new QueuedReply(buffer, length, 0, IsCounted: true);
    }

    private async ValueTask<QueuedReply> LocateAsync(RequestSlot slot)
    {
        PageLocation[] locations = ArrayPool<PageLocation>.Shared.Rent(PageLocation.MaxInReply);
        try
        {
            var arguments = new LocateArguments(slot.File, slot.Version, slot.Range, slot.Ahead, slot.Path);
            LocateOutcome outcome = await handler
                .LocateAsync(arguments, locations.AsMemory(0, PageLocation.MaxInReply), slot.Cancellation.Token).ConfigureAwait(false);
            if (outcome.Status != PageChannelStatus.Ok)
            {
                return Error(PageChannelOpcode.Locate, slot.Id, outcome.Status, outcome.MembershipVersion, outcome.Message);
            }

            byte[] buffer = QueuedReply.RentSmall();
            int length = FrameWriter.WriteLocateReply(buffer, slot.Id, outcome.MembershipVersion, outcome.Stat, locations.AsSpan(0, outcome.Count));
            return new QueuedReply(buffer, length, 0, IsCounted: true);
        }
        finally
        {
            ArrayPool<PageLocation>.Shared.Return(locations);
        }
    }

    private QueuedReply Invite(RequestSlot slot)
    {
        byte[] buffer = QueuedReply.RentSmall();
        if (handler.WriteInvitation(buffer, slot.Id) is > 0 and int length)
        {
            return new QueuedReply(buffer, length, 0, IsCounted: true);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return Error(PageChannelOpcode.SameHost, slot.Id, PageChannelStatus.NotSupported, handler.MembershipVersion, "this worker hands no descriptors out (--same-host)");
    }

    /// <summary>Answers a known or list request: the handler writes the body.</summary>
    private async ValueTask<QueuedReply> FillAsync(RequestSlot slot, int most)
    {
        int reserved = FrameHeader.Size + most;
        if (!await ReserveAsync(reserved, slot.Cancellation.Token).ConfigureAwait(false))
        {
            return Error(slot.Opcode, slot.Id, PageChannelStatus.Busy, handler.MembershipVersion, NoBuffers);
        }

        bool isReply = false;
        byte[] buffer = buffers.Rent(most);
        try
        {
            Memory<byte> body = buffer.AsMemory(FrameHeader.Size, most);
            ReadOutcome outcome = slot.Opcode == PageChannelOpcode.Known
                ? await handler.KnownAsync(new((KnownFlags)slot.Flags, slot.File, slot.Path), slot.MembershipVersion, body, slot.Cancellation.Token).ConfigureAwait(false)
                : await handler.ListAsync(new((ListFlags)slot.Flags, (int)slot.Range.Length, slot.Path, slot.Continuation), body, slot.Cancellation.Token).ConfigureAwait(false);
            if (outcome.Status != PageChannelStatus.Ok)
            {
                return Error(slot.Opcode, slot.Id, outcome.Status, outcome.MembershipVersion, outcome.Message);
            }

            int head = FrameWriter.WriteBodyHeader(buffer, ReplyTo(slot.Opcode), slot.Id, outcome.MembershipVersion, outcome.Bytes);
            isReply = true;
            return new QueuedReply(buffer, head + outcome.Bytes, reserved, IsCounted: true);
        }
        finally
        {
            if (!isReply)
            {
                buffers.Return(buffer);
                ReleaseBytes(reserved);
            }
        }
    }

    /// <summary>Answers a view request. While it waits it holds no buffer.</summary>
    private async ValueTask<QueuedReply> ViewAsync(RequestSlot slot)
    {
        ViewOutcome outcome = await handler.ViewAsync(slot.View, slot.Cancellation.Token).ConfigureAwait(false);
        if (outcome.Status != PageChannelStatus.Ok)
        {
            return Error(slot.Opcode, slot.Id, outcome.Status, outcome.MembershipVersion, outcome.Message);
        }

        if (outcome.Body.Length > MaxReadLength)
        {
            return Error(slot.Opcode, slot.Id, PageChannelStatus.NotSupported, outcome.MembershipVersion, "the view has more bytes than the client takes in one reply");
        }

        int reserved = FrameHeader.Size + outcome.Body.Length;
        if (!await ReserveAsync(reserved, slot.Cancellation.Token).ConfigureAwait(false))
        {
            return Error(slot.Opcode, slot.Id, PageChannelStatus.Busy, handler.MembershipVersion, NoBuffers);
        }

        byte[] buffer = buffers.Rent(outcome.Body.Length);
        int head = FrameWriter.WriteBodyHeader(buffer, ReplyTo(slot.Opcode), slot.Id, outcome.MembershipVersion, outcome.Body.Length);
        outcome.Body.CopyTo(buffer.AsMemory(head));
        return new QueuedReply(buffer, head + outcome.Body.Length, reserved, IsCounted: true);
    }

    /// <summary>A stat and a read of what it found. A file that changes between the two is looked at once more, and then read in one look.</summary>
    private async ValueTask<QueuedReply> ReadFileAsync(RequestSlot slot)
    {
        string path = Encoding.UTF8.GetString(slot.Path.Span);
        StatFlags flags = ((ReadFlags)slot.Flags & ReadFlags.Failover) != 0 ? StatFlags.Failover : StatFlags.None;
        int wanted = (int)slot.Range.Length;
        for (int attempt = 0; ; attempt++)
        {
            StatOutcome stat = await handler.StatAsync(path, flags | (attempt > 0 ? StatFlags.Refresh : StatFlags.None), slot.Cancellation.Token).ConfigureAwait(false);
            if (stat.Status != PageChannelStatus.Ok || stat.Reply.Kind != FileKind.File)
            {
                return stat.Status != PageChannelStatus.Ok
                    ? Error(PageChannelOpcode.ReadFile, slot.Id, stat.Status, stat.MembershipVersion, stat.Message)
                    : Error(PageChannelOpcode.ReadFile, slot.Id, PageChannelStatus.IsDirectory, stat.MembershipVersion, $"'{path}' is a directory: name a file");
            }

            (slot.File, slot.Version) = (stat.Reply.File, stat.Reply.Version);
            slot.Range = new ByteRange(0, Math.Min(wanted, stat.Reply.Length));
            QueuedReply reply = await ReadAsync(slot, stat.Reply).ConfigureAwait(false);
            if (reply.Status != PageChannelStatus.VersionChanged || (attempt > 0 && stat.Reply.Length > wanted))
            {
                return reply;
            }

            Release(reply);
            if (attempt > 0)
            {
                return await ReadSnapshotAsync(slot, path, (int)Math.Min(wanted, stat.Reply.Length + SnapshotRoom)).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<QueuedReply> ReadSnapshotAsync(RequestSlot slot, string path, int most)
    {
        const int Head = FrameHeader.Size + StatReply.FixedSize;
        most = Math.Min(most, MaxReadLength);
        if (!await ReserveAsync(Head + most, slot.Cancellation.Token).ConfigureAwait(false))
        {
            return Error(slot.Opcode, slot.Id, PageChannelStatus.Busy, handler.MembershipVersion, NoBuffers);
        }

        bool isReply = false;
        try
        {
            byte[] buffer = buffers.Rent(StatReply.FixedSize + most);
            StatOutcome outcome = await handler.ReadSnapshotAsync(path, (ReadFlags)slot.Flags, buffer.AsMemory(Head, most), slot.Cancellation.Token).ConfigureAwait(false);
            if (outcome.Status != PageChannelStatus.Ok)
            {
                buffers.Return(buffer);
                return Error(slot.Opcode, slot.Id, outcome.Status, outcome.MembershipVersion, outcome.Message);
            }

            int bytes = (int)outcome.Reply.Length;
            int headEnd = FrameWriter.WriteReadFileReplyHead(buffer, slot.Id, outcome.MembershipVersion, ReplyFlags.FromStore, outcome.Reply, bytes);
            isReply = true;
            return new QueuedReply(buffer, headEnd + bytes, Head + most, IsCounted: true);
        }
        finally
        {
            // As for other reads: what was cut short is left to the collector.
            if (!isReply)
            {
                ReleaseBytes(Head + most);
            }
        }
    }

    private ValueTask<QueuedReply> ReadAsync(RequestSlot slot) => ReadAsync(slot, null);

    /// <summary>Reads into a buffer that has the reply's head before the bytes.</summary>
    /// <param name="slot">The request.</param>
    /// <param name="stat">What goes before the bytes, when the file was asked for by its path.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<QueuedReply> ReadAsync(RequestSlot slot, StatReply? stat)
    {
        int head = stat is null ? 0 : StatReply.FixedSize;
        int length = (int)slot.Range.Length;
        if (length > MaxReadLength)
        {
            return Error(
                slot.Opcode, slot.Id, PageChannelStatus.InvalidRequest, handler.MembershipVersion, $"a read may ask for {MaxReadLength} bytes here: split it");
        }

        length += head;
        int reserved = FrameHeader.Size + length;
        if (!await ReserveAsync(reserved, slot.Cancellation.Token).ConfigureAwait(false))
        {
            return Error(slot.Opcode, slot.Id, PageChannelStatus.Busy, handler.MembershipVersion, NoBuffers);
        }

        bool isReply = false;
        try
        {
            byte[] buffer = buffers.Rent(length);
            var arguments = new ReadArguments(slot.File, slot.Version, slot.Range, (ReadFlags)slot.Flags, slot.Path);
            ReadOutcome outcome = await handler
                .ReadAsync(arguments, buffer.AsMemory(FrameHeader.Size + head, length - head), slot.Cancellation.Token).ConfigureAwait(false);
            if (outcome.Status != PageChannelStatus.Ok)
            {
                buffers.Return(buffer);
                return Error(slot.Opcode, slot.Id, outcome.Status, outcome.MembershipVersion, outcome.Message);
            }

            int headEnd = stat is { } file
                ? FrameWriter.WriteReadFileReplyHead(buffer, slot.Id, outcome.MembershipVersion, outcome.Flags, file, outcome.Bytes)
                : FrameWriter.WriteReadReplyHeader(buffer, slot.Id, outcome.MembershipVersion, outcome.Flags, outcome.Bytes);
            isReply = true;
            return new QueuedReply(buffer, headEnd + outcome.Bytes, reserved, IsCounted: true);
        }
        finally
        {
            // A buffer whose read was cut short by an exception is left to the collector: somebody may still be writing to it.
            if (!isReply)
            {
                ReleaseBytes(reserved);
            }
        }
    }
}
