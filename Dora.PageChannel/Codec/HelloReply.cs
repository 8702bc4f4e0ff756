namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of an Ok <see cref="PageChannelOpcode.HelloReply"/>, little-endian.
/// <code>
///  0  u32  magic "DORA"
///  4  u16  version both speak from now on
///  6  u16  0
///  8  u32  most bytes granted in one read reply
/// 12  u32  most requests granted in flight
/// 16  u16  n1: bytes of cluster id, 0..128
/// 18  u16  n2: bytes of worker id, 1..64
/// 20  u32  0
/// 24  n1   cluster id, UTF-8
///     n2   worker id, ASCII
/// </code>
/// </summary>
internal readonly ref struct HelloReply
{
    /// <summary>Bytes before the texts.</summary>
    public const int FixedSize = 24;

    /// <summary>The version both ends speak from now on.</summary>
    public required ushort Version { get; init; }

    /// <summary>Most bytes in one read reply, 1 to <see cref="PageChannelProtocol.MaxReadLength"/>; longer reads are refused.</summary>
    public required int MaxReadLength { get; init; }

    /// <summary>Most requests in flight, 1 to <see cref="PageChannelProtocol.MaxInFlight"/>; more are answered Busy.</summary>
    public required int MaxInFlight { get; init; }

    /// <summary>The worker's cluster, UTF-8.</summary>
    public ReadOnlySpan<byte> ClusterId { get; init; }

    /// <summary>The worker that answers, ASCII.</summary>
    public required ReadOnlySpan<byte> WorkerId { get; init; }
}
