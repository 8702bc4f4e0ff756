namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of <see cref="PageChannelOpcode.Hello"/>, little-endian. This layout is the same in every protocol version.
/// <code>
///  0  u32  magic "DORA"
///  4  u16  oldest version spoken
///  6  u16  newest version spoken
///  8  u32  most bytes wanted in one read reply
/// 12  u32  most requests wanted in flight
/// 16  u16  n1: bytes of cluster id, 0..128
/// 18  u16  n2: bytes of worker id, 0..64
/// 20  u16  n3: bytes of token, 0..1024
/// 22  u16  0
/// 24  n1   cluster id, UTF-8
///     n2   worker id, ASCII
///     n3   token
/// </code>
/// </summary>
internal readonly ref struct HelloRequest
{
    /// <summary>Bytes before the texts.</summary>
    public const int FixedSize = 24;

    /// <summary>Oldest version spoken, 1 or more.</summary>
    public required ushort MinVersion { get; init; }

    /// <summary>Newest version spoken, <see cref="MinVersion"/> or more.</summary>
    public required ushort MaxVersion { get; init; }

    /// <summary>Most bytes wanted in one read reply, 1 to <see cref="PageChannelProtocol.MaxReadLength"/>.</summary>
    public required int MaxReadLength { get; init; }

    /// <summary>Most requests wanted in flight, 1 to <see cref="PageChannelProtocol.MaxInFlight"/>.</summary>
    public required int MaxInFlight { get; init; }

    /// <summary>The cluster the client means, UTF-8; empty for any.</summary>
    public ReadOnlySpan<byte> ClusterId { get; init; }

    /// <summary>The worker the client means, ASCII; empty for any. Keeps a reused address from answering for another worker.</summary>
    public ReadOnlySpan<byte> WorkerId { get; init; }

    /// <summary>What proves that the client may connect; empty when the cluster asks for nothing.</summary>
    public ReadOnlySpan<byte> Token { get; init; }
}
