using System.Buffers;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>A reply on its way out: one pooled buffer that holds header and body.</summary>
/// <param name="Buffer">Given back when the reply is sent or dropped: to <see cref="SendBuffers"/> when something is reserved, else to the shared pool.</param>
/// <param name="Length">Bytes to send.</param>
/// <param name="Reserved">Bytes of the <see cref="ReplyBudget"/> it holds, 0 for small replies.</param>
/// <param name="IsCounted">Whether it answers something counted against the connection's requests.</param>
internal readonly record struct QueuedReply(byte[] Buffer, int Length, int Reserved, bool IsCounted)
{
    /// <summary>What it says, for who made it.</summary>
    public PageChannelStatus Status { get; init; }

    /// <summary>A small reply with a rented buffer that any frame but data fits in.</summary>
    public static byte[] RentSmall() => ArrayPool<byte>.Shared.Rent(PageChannelProtocol.MaxControlFrame);

    /// <summary>Gives back what <see cref="RentSmall"/> gave.</summary>
    public void ReturnSmall() => ArrayPool<byte>.Shared.Return(Buffer);
}
