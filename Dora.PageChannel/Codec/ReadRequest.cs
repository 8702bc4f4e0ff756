namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of <see cref="PageChannelOpcode.Read"/>, little-endian but for the file id, which travels in hash order.
/// <code>
///  0  16   file id
/// 16  u64  file version
/// 24  i64  offset in the file
/// 32  u32  length, 0..16 MiB
/// 36  u16  n: bytes of path, 0..4096
/// 38  u16  0
/// 40  n    Dora path, UTF-8
/// </code>
/// </summary>
internal readonly ref struct ReadRequest
{
    /// <summary>Bytes before the path.</summary>
    public const int FixedSize = 40;

    /// <summary>How to answer; travels in the header.</summary>
    public ReadFlags Flags { get; init; }

    /// <summary>The file.</summary>
    public required FileId File { get; init; }

    /// <summary>The version the reader is pinned to.</summary>
    public required FileVersion Version { get; init; }

    /// <summary>First byte wanted, 0 or more.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes wanted, 0 to <see cref="PageChannelProtocol.MaxReadLength"/>; the end must fit in 63 bits.</summary>
    public required int Length { get; init; }

    /// <summary>The Dora path, UTF-8: lets a worker that never heard of the id find the file. May be empty.</summary>
    public ReadOnlySpan<byte> Path { get; init; }
}
