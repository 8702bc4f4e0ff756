namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of <see cref="PageChannelOpcode.ReadFile"/>, little-endian. The reply is a <see cref="StatReply"/> and, after it, the bytes of the file from its
/// start: all of them, or as many as wanted.
/// <code>
///  0  u32  most bytes of data wanted, 0..16 MiB
///  4  u16  n: bytes of path, 1..4096
///  6  u16  0
///  8  n    Dora path, UTF-8
/// </code>
/// </summary>
internal readonly ref struct ReadFileRequest
{
    /// <summary>Bytes before the path.</summary>
    public const int FixedSize = 8;

    /// <summary>How to answer; travels in the header.</summary>
    public ReadFlags Flags { get; init; }

    /// <summary>Most bytes of data wanted, 0 to <see cref="PageChannelProtocol.MaxReadLength"/>.</summary>
    public required int MaxLength { get; init; }

    /// <summary>The Dora path, UTF-8.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }
}
