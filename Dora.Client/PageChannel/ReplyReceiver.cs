using System.Net.Sockets;
using System.Text;
using Dora.PageChannel;

namespace Dora.Client.PageChannel;

/// <summary>Receives a connection's frames until it ends.</summary>
/// <param name="connection">Whose requests are answered.</param>
/// <param name="socket">Where from.</param>
/// <param name="maxReadLength">Most bytes of one read reply.</param>
internal sealed class ReplyReceiver(PageChannelConnection connection, Socket socket, int maxReadLength)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Runs until the connection ends.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<string> RunAsync()
    {
        while (true)
        {
            FrameDecode decode = FrameReader.ReadHeaderAtClient(_buffer.AsSpan(_start, _end - _start), maxReadLength, out FrameHeader header);
            if (decode.Outcome == FrameDecodeOutcome.Malformed)
            {
                return $"the worker broke the protocol: {decode.Reason}";
            }

            bool isData = header.Opcode == PageChannelOpcode.ReadReply && !header.IsError;
            int needed = !decode.IsOk ? FrameHeader.Size : isData ? 0 : header.FrameLength;
            if (_end - _start < needed)
            {
                if (await FillAsync().ConfigureAwait(false) == 0)
                {
                    return "the worker closed the connection";
                }

                continue;
            }

            string? end = isData ? await ReceiveDataAsync(header).ConfigureAwait(false) : Handle(header);
            if (end is not null)
            {
                return end;
            }
        }
    }

    private async ValueTask<int> FillAsync()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        int count = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None).ConfigureAwait(false);
        _end += count;
        connection.NoteSign();
        return count;
    }

    /// <summary>Receives the data of a read reply: what is in the buffer is copied, the rest goes straight to the caller's memory.</summary>
    private async ValueTask<string?> ReceiveDataAsync(FrameHeader header)
    {
        _start += FrameHeader.Size;
        PendingRequest? pending = connection.Claim(header.RequestId);
        if (pending is not null && (pending.Request.Opcode != PageChannelOpcode.Read || header.BodyLength > pending.Request.Destination.Length))
        {
            return "the worker broke the protocol: the reply does not fit its request";
        }

        int received = 0;
        while (received < header.BodyLength)
        {
            int left = header.BodyLength - received;
            if (_end > _start)
            {
                int copied = Math.Min(left, _end - _start);
                if (pending is not null)
                {
                    _buffer.AsSpan(_start, copied).CopyTo(pending.Request.Destination.Span[received..]);
                }

                _start += copied;
                received += copied;
            }
            else
            {
                int count = await ReceiveDirectAsync(pending, received, left).ConfigureAwait(false);
                if (count == 0)
                {
                    return "the worker closed the connection in the middle of a reply";
                }

                received += count;
            }
        }

        if (pending is not null)
        {
            connection.Answer(pending, new ChannelReply(ChannelOutcome.Answered, PageChannelStatus.Ok, header.MembershipVersion, received));
        }

        return null;
    }

    private async ValueTask<int> ReceiveDirectAsync(PendingRequest? pending, int received, int left)
    {
        Memory<byte> target = pending is null ? _buffer.AsMemory(0, Math.Min(left, _buffer.Length)) : pending.Request.Destination.Slice(received, left);
        int count = await socket.ReceiveAsync(target, SocketFlags.None).ConfigureAwait(false);
        connection.NoteSign();
        return count;
    }

    /// <summary>Handles a whole frame that carries no data.</summary>
    /// <returns>Why the connection ends, or <see langword="null"/>.</returns>
    private string? Handle(in FrameHeader header)
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
            return "the worker broke the protocol: the frame has no place here";
        }

        if (!decode.IsOk)
        {
            return $"the worker broke the protocol: {decode.Reason}";
        }

        if (header.Opcode == PageChannelOpcode.Goodbye)
        {
            return $"the worker said goodbye: {reply.Message}";
        }

        if (connection.Claim(header.RequestId) is { } pending)
        {
            if (!Matches(header.Opcode, pending.Request.Opcode))
            {
                return "the worker broke the protocol: the reply does not fit its request";
            }

            connection.Answer(pending, reply);
        }

        return null;
    }

    private static bool Matches(PageChannelOpcode reply, PageChannelOpcode request) => (byte)reply == ((byte)request | 0x80);
}
