namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of <see cref="PageChannelOpcode.Stat"/>, little-endian.
/// <code>
///  0  u16  n: bytes of path, 1..4096
///  2  6×0
///  8  n    Dora path, UTF-8
/// </code>
/// </summary>
internal readonly ref struct StatRequest
{
    /// <summary>Bytes before the path.</summary>
    public const int FixedSize = 8;

    /// <summary>How to answer; travels in the header.</summary>
    public StatFlags Flags { get; init; }

    /// <summary>The Dora path, UTF-8, 1 to <see cref="PageChannelProtocol.MaxPathBytes"/> bytes.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }
}
