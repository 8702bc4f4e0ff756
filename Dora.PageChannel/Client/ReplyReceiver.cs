using System.Runtime.CompilerServices;
using System.Text;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Transport;

namespace Dora.PageChannel.Client;

/// <summary>
/// Receives a connection's frames until it ends. Replies that are whole in the buffer are copied from it, many per system call; the data of longer ones
/// is received straight into the caller's memory.
/// </summary>
/// <param name="connection">Whose requests are answered.</param>
/// <param name="outbox">Where the requests go that are made while replies are answered: they leave together.</param>
/// <param name="transport">Where from.</param>
/// <param name="poller">Saves parking.</param>
/// <param name="maxReadLength">Most bytes of one read reply.</param>
internal sealed class ReplyReceiver(PageChannelConnection connection, FrameOutbox outbox, IChannelTransport transport, SocketPoller poller, int maxReadLength)
{
    // From here on a reply's data is received on its own. Before the head of such a reply only little is received at a time, so that little is copied.
    private const int LargeReply = 32 * 1024;
    private const int BytesBeforeLarge = 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private int _start;
    private int _end;

    /// <summary>Runs until the connection ends, or until another thread has taken over.</summary>
    /// <returns>Why the connection ended; <see langword="null"/> when another thread receives by now.</returns>
    public async Task<string?> RunAsync()
    {
        while (true)
        {
            FrameDecode decode = FrameReader.ReadHeaderAtClient(_buffer.AsSpan(_start, _end - _start), maxReadLength, out FrameHeader header);
            if (decode.Outcome == FrameDecodeOutcome.Malformed)
            {
                return Broken(decode.Reason!);
            }

            int needed = !decode.IsOk ? FrameHeader.Size : IsLong(header) ? HeadOf(header) : header.FrameLength;
            if (_end - _start < needed)
            {
                if (await FillAsync().ConfigureAwait(false) == 0)
                {
                    return "the worker closed the connection";
                }

                continue;
            }

            Step step = !IsData(header) ? Handle(header)
                : IsLong(header) ? await ReceiveLongAsync(header).ConfigureAwait(false)
                : TakeShort(header);
            if (step.IsEnd)
            {
                return step.Reason;
            }
        }
    }

    private static bool IsData(in FrameHeader header) =>
        header.Opcode is PageChannelOpcode.ReadReply or PageChannelOpcode.ReadFileReply or PageChannelOpcode.LocateReply or PageChannelOpcode.SameHostReply
            or PageChannelOpcode.KnownReply or PageChannelOpcode.ListReply or PageChannelOpcode.ViewReply
        && !header.IsError;

    private static bool IsLong(in FrameHeader header) => IsData(header) && header.BodyLength >= LargeReply;

    private static int HeadOf(in FrameHeader header) =>
        header.Opcode is PageChannelOpcode.ReadFileReply or PageChannelOpcode.LocateReply ? FrameHeader.Size + StatReply.FixedSize : FrameHeader.Size;

    private static string Broken(string rule) => $"the worker broke the protocol: {rule}";

    private ValueTask<int> FillAsync()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        Memory<byte> room = _buffer.AsMemory(_end);
        ValueTask<int> filling = ReceiveAsync(connection.ExpectsLarge && _end < BytesBeforeLarge ? room[..BytesBeforeLarge] : room);
        if (!filling.IsCompletedSuccessfully)
        {
            return FillAsync(filling);
        }

        int count = filling.Result;
        _end += count;
        return new(count);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> FillAsync(ValueTask<int> receiving)
    {
        int count = await receiving.ConfigureAwait(false);
        _end += count;
        return count;
    }

    /// <summary>Receives what comes next, after what was asked for meanwhile has left.</summary>
    private ValueTask<int> ReceiveAsync(Memory<byte> room)
    {
        outbox.Uncork();
        if (!poller.TryReceive(room.Span, connection.ExpectsFew, out int count))
        {
            return ParkAsync(room);
        }

        outbox.Cork();
        connection.NoteSign();
        return new(count);
    }

    /// <summary>As <see cref="ReceiveAsync"/>, for what follows the head of a long reply.</summary>
    private ValueTask<int> ReceiveRestAsync(Memory<byte> room)
    {
        outbox.Uncork();
        if (!poller.TryReceiveRest(room.Span, out int count))
        {
            return ParkAsync(room);
        }

        outbox.Cork();
        connection.NoteSign();
        return new(count);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ParkAsync(Memory<byte> room)
    {
        int count = await transport.ReceiveAsync(room, CancellationToken.None).ConfigureAwait(false);
        outbox.Cork();
        connection.NoteSign();
        return count;
    }

    /// <summary>Answers from a frame that is whole in the buffer.</summary>
    private Step TakeShort(in FrameHeader header)
    {
        if (Open(header, out PendingRequest? pending, out ChannelReply reply, out Memory<byte> target) is { } broken)
        {
            return Step.End(broken);
        }

        if (pending is not null)
        {
            _buffer.AsSpan(_start, reply.Bytes).CopyTo(target.Span);
        }

        _start += reply.Bytes;
        return Answer(pending, reply);
    }

    /// <summary>Receives the data of a reply: what is in the buffer is copied, the rest goes straight to the caller's memory.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Step> ReceiveLongAsync(FrameHeader header)
    {
        if (Open(header, out PendingRequest? pending, out ChannelReply reply, out Memory<byte> target) is { } broken)
        {
            return Step.End(broken);
        }

        int received = Math.Min(reply.Bytes, _end - _start);
        if (pending is not null)
        {
            _buffer.AsSpan(_start, received).CopyTo(target.Span);
        }

        _start += received;
        while (received < reply.Bytes)
        {
            int left = reply.Bytes - received;
            Memory<byte> room = pending is null ? _buffer.AsMemory(0, Math.Min(left, _buffer.Length)) : target.Slice(received, left);
            int count = await ReceiveRestAsync(room).ConfigureAwait(false);
            if (count == 0)
            {
                return Step.End("the worker closed the connection in the middle of a reply");
            }

            received += count;
        }

        return Answer(pending, reply);
    }

    /// <summary>Takes the head of a data reply from the buffer, and finds who waits for it and where its bytes go.</summary>
    /// <returns>The rule that the reply breaks, or <see langword="null"/>.</returns>
    private string? Open(in FrameHeader header, out PendingRequest? pending, out ChannelReply reply, out Memory<byte> target)
    {
        (pending, reply, target) = (null, default, default);
        StatReply stat = default;
        int length = header.BodyLength;
        if (header.Opcode is PageChannelOpcode.ReadFileReply or PageChannelOpcode.LocateReply)
        {
            ReadOnlySpan<byte> body = _buffer.AsSpan(_start + FrameHeader.Size, _end - _start - FrameHeader.Size);
            FrameDecode decode = header.Opcode == PageChannelOpcode.ReadFileReply
                ? FrameReader.ReadReadFileReplyHead(header, body, out stat, out length)
                : FrameReader.ReadLocateReplyHead(header, body, out stat, out length);
            if (!decode.IsOk)
            {
                return Broken(decode.Reason!);
            }
        }

        _start += HeadOf(header);
        pending = connection.Claim(header.RequestId);
        reply = new ChannelReply(ChannelOutcome.Answered, PageChannelStatus.Ok, header.MembershipVersion, length, stat, IsFromStore: ((ReplyFlags)header.Flags & ReplyFlags.FromStore) != 0);
        if (pending is null)
        {
            return null;
        }

        ChannelRequest request = pending.Request;
        int most = request.Memory == ReplyMemory.Caller ? request.Destination.Length : request.MaxLength;
        if (!Matches(header.Opcode, request.Opcode) || length > most)
        {
            return Broken("the reply does not fit its request");
        }

        if (request.Memory == ReplyMemory.Caller)
        {
            target = request.Destination;
            return null;
        }

        // A part of a file is put together by who asked: only a whole one is worth its own array.
        byte[] data = request.Memory == ReplyMemory.Exact && length == stat.Length ? GC.AllocateUninitializedArray<byte>(length) : ReplyBuffers.Rent(length);
        reply = reply with { Data = data };
        target = data;
        return null;
    }

    private Step Answer(PendingRequest? pending, in ChannelReply reply) =>
        pending is null || connection.Answer(pending, reply) ? default : Step.Elsewhere;

    /// <summary>Handles a whole frame that carries no data.</summary>
    private Step Handle(in FrameHeader header)
    {
        ReadOnlySpan<byte> body = _buffer.AsSpan(_start + FrameHeader.Size, header.BodyLength);
        _start += header.FrameLength;
        ChannelReply reply = new(ChannelOutcome.Answered, header.Status, header.MembershipVersion);
        FrameDecode decode = FrameDecode.Ok;
        if (header.IsError || header.Opcode == PageChannelOpcode.Goodbye)
        {
            decode = FrameReader.ReadMessage(header, body, out ReadOnlySpan<byte> message);
            reply = reply with { Message = Encoding.UTF8.GetString(message) };
        }
        else if (header.Opcode == PageChannelOpcode.StatReply)
        {
            decode = FrameReader.ReadStatReply(header, body, out StatReply stat);
            reply = reply with { Stat = stat };
        }
        else if (header.Opcode != PageChannelOpcode.Pong)
        {
            return Step.End(Broken("the frame has no place here"));
        }

        if (!decode.IsOk)
        {
            return Step.End(Broken(decode.Reason!));
        }

        if (header.Opcode == PageChannelOpcode.Goodbye)
        {
            return Step.End($"the worker said goodbye: {reply.Message}");
        }

        PendingRequest? pending = connection.Claim(header.RequestId);
        return pending is not null && !Matches(header.Opcode, pending.Request.Opcode)
            ? Step.End(Broken("the reply does not fit its request"))
            : Answer(pending, reply);
    }

    private static bool Matches(PageChannelOpcode reply, PageChannelOpcode request) => (byte)reply == ((byte)request | 0x80);

    /// <summary>What follows a frame: the next one, the end of the connection, or the end of this thread's turn.</summary>
    private readonly record struct Step(bool IsEnd, string? Reason)
    {
        public static Step Elsewhere => new(true, null);

        public static Step End(string reason) => new(true, reason);
    }
}
