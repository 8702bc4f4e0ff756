using System.Net.Sockets;
using Dora.Core.Linux;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Transport;

namespace Dora.PageChannel.Server;

/// <summary>
/// Sends longer warm answers from the mapped segment: the kernel copies from the page cache into the socket, and no byte goes through a buffer here. Only
/// while nothing else is being sent, and without waiting; a loan lasts for that one call. What the socket does not take at once is copied and sent as
/// any other reply. See docs/decisions/0014-sendfile.md.
/// </summary>
/// <param name="lender">Lends.</param>
/// <param name="transport">The connection: cut when the rest of an answer cannot be read.</param>
/// <param name="socket">Its plain socket.</param>
/// <param name="queue">Its replies.</param>
/// <param name="executor">Where buffers are counted.</param>
internal sealed class LentReplies(IWarmLender lender, IChannelTransport transport, Socket socket, ReplyQueue queue, RequestExecutor executor)
{
    /// <summary>The shortest answer that is sent this way: below it a second copy costs less than looking whether the pages are in memory.</summary>
    public const int Least = 32 * 1024;

    private QueuedReply _rest;

    /// <summary>Whether a part of an answer waits to be sent, before all others.</summary>
    public bool HasRest => _rest.Buffer is not null;

    /// <summary>Answers a read.</summary>
    /// <param name="request">The request.</param>
    /// <param name="id">Its id.</param>
    /// <param name="buffer">Starts with answers that go before it; has room for a head behind them.</param>
    /// <param name="gathered">Their bytes.</param>
    /// <returns><see langword="false"/>: nothing was sent, of them neither.</returns>
    public bool TryRead(in ReadRequest request, ulong id, Span<byte> buffer, int gathered)
    {
        int reserved = Most(gathered) + request.Length;
        if (!TryBegin(reserved))
        {
            return false;
        }

        try
        {
            if (!lender.TryLendWarm(request, Least, out ReadOutcome outcome, out LentBytes lent))
            {
                return false;
            }

            using (lent)
            {
                int head = FrameWriter.WriteReadReplyHeader(buffer[gathered..], id, outcome.MembershipVersion, outcome.Flags, outcome.Bytes);
                return TrySend(buffer[..(gathered + head)], lent, reserved);
            }
        }
        finally
        {
            End(reserved);
        }
    }

    /// <summary>Answers a read of a file by its path, as <see cref="TryRead"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="id">Its id.</param>
    /// <param name="buffer">Starts with answers that go before it; has room for a head behind them.</param>
    /// <param name="gathered">Their bytes.</param>
    /// <param name="bytes">Bytes of the file.</param>
    public bool TryReadFile(in ReadFileRequest request, ulong id, Span<byte> buffer, int gathered, out int bytes)
    {
        bytes = 0;
        int reserved = Most(gathered) + request.MaxLength;
        if (!TryBegin(reserved))
        {
            return false;
        }

        try
        {
            if (!lender.TryLendFileWarm(request, Least, out WarmFileOutcome outcome, out LentBytes lent))
            {
                return false;
            }

            using (lent)
            {
                bytes = outcome.Bytes;
                int head = FrameWriter.WriteReadFileReplyHead(buffer[gathered..], id, outcome.MembershipVersion, ReplyFlags.None, outcome.Stat, bytes);
                return TrySend(buffer[..(gathered + head)], lent, reserved);
            }
        }
        finally
        {
            End(reserved);
        }
    }

    /// <summary>Sends what waits. The task ends when it is sent.</summary>
    public ValueTask SendRestAsync()
    {
        QueuedReply rest = _rest;
        _rest = default;
        return queue.SendRestAsync(rest);
    }

    private static int Most(int gathered) => gathered + FrameHeader.Size + StatReply.FixedSize;

    private bool TryBegin(int reserved)
    {
        if (!executor.TryReserve(reserved))
        {
            return false;
        }

        if (queue.TryBegin())
        {
            return true;
        }

        executor.ReleaseBytes(reserved);
        return false;
    }

    /// <summary>Lets others send, unless a rest must go before: that keeps what was reserved too.</summary>
    private void End(int reserved)
    {
        if (!HasRest)
        {
            executor.ReleaseBytes(reserved);
            queue.End();
        }
    }

    private bool TrySend(ReadOnlySpan<byte> head, in LentBytes lent, int reserved)
    {
        int sent = lent.Send(socket.SafeHandle, head);
        if (sent > 0 && sent < head.Length + lent.Length)
        {
            KeepRest(head, lent, sent, reserved);
        }

        return sent > 0;
    }

    private void KeepRest(ReadOnlySpan<byte> head, in LentBytes lent, int sent, int reserved)
    {
        int length = head.Length + lent.Length - sent;
        byte[] buffer = executor.Rent(length);
        ReadOnlySpan<byte> ofHead = head[Math.Min(sent, head.Length)..];
        ofHead.CopyTo(buffer);
        if (!lent.TryCopy(Math.Max(0, sent - head.Length), buffer.AsSpan(ofHead.Length, length - ofHead.Length)))
        {
            // A part of the answer has left: the peer asks again, and the ordinary read finds the damage.
            transport.Dispose();
        }

        _rest = new QueuedReply(buffer, length, reserved, IsCounted: false);
    }
}
