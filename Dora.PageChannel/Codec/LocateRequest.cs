namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of <see cref="PageChannelOpcode.Locate"/>, little-endian but for the file id, which travels in hash order. The same layout as a read's, but for one
/// field. Spec: <c>docs/same-host.md</c>.
/// <code>
///  0  16   file id; 0 when the file is asked for by its path
/// 16  u64  file version; 0 when the file is asked for by its path
/// 24  i64  offset in the file
/// 32  u32  length, 0..16 MiB: bytes that are going to be read, which counts as a use of their pages
/// 36  u16  n: bytes of path, 0..4096
/// 38  u16  ahead, in 64 KiB: bytes behind those, told as far as no disk must be asked, and not counted
/// 40  n    Dora path, UTF-8; not empty when the version is 0
/// </code>
/// </summary>
internal readonly ref struct LocateRequest
{
    /// <summary>Bytes before the path.</summary>
    public const int FixedSize = 40;

    /// <summary>The step of <see cref="Ahead"/>.</summary>
    public const int AheadStep = PageGeometry.ExtentGrid;

    /// <summary>The most bytes of <see cref="Ahead"/>.</summary>
    public const long MaxAhead = (long)ushort.MaxValue * AheadStep;

    /// <summary>The file.</summary>
    public FileId File { get; init; }

    /// <summary>The version the reader is pinned to, or <see cref="FileVersion.None"/>: the path's current one.</summary>
    public FileVersion Version { get; init; }

    /// <summary>First byte, 0 or more.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes that are going to be read, 0 to <see cref="PageChannelProtocol.MaxReadLength"/>; the end must fit in 63 bits.</summary>
    public required int Length { get; init; }

    /// <summary>Bytes behind those, a multiple of <see cref="AheadStep"/>, 0 to <see cref="MaxAhead"/>.</summary>
    public long Ahead { get; init; }

    /// <summary>The Dora path, UTF-8.</summary>
    public ReadOnlySpan<byte> Path { get; init; }
}
