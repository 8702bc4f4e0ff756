namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of an Ok <see cref="PageChannelOpcode.SameHostReply"/>, little-endian: where a process on the worker's host gets the descriptors of its segments.
/// <code>
///  0  16   ticket: to be shown there, once and soon
/// 16  16   the host's boot id; a client that has another is on another host
/// 32  u16  n: bytes of path, 1..107
/// 34  6×0
/// 40  n    path of the Unix socket, UTF-8
/// </code>
/// </summary>
internal readonly ref struct SameHostReply
{
    /// <summary>Bytes before the path.</summary>
    public const int FixedSize = 40;

    /// <summary>Bytes of a ticket, and of a boot id.</summary>
    public const int KeySize = 16;

    /// <summary>The longest path that a Unix socket of Linux can have.</summary>
    public const int MaxPathBytes = 107;

    /// <summary>To be shown at the socket.</summary>
    public required ReadOnlySpan<byte> Ticket { get; init; }

    /// <summary>The boot id of the worker's host.</summary>
    public required ReadOnlySpan<byte> BootId { get; init; }

    /// <summary>The socket's path, UTF-8.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }
}
