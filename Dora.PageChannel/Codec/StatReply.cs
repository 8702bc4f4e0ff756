namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of an Ok <see cref="PageChannelOpcode.StatReply"/>, little-endian but for the file id, which travels in hash order.
/// <code>
///  0  16   file id
/// 16  u64  file version
/// 24  i64  length in bytes
/// 32  i64  last modified, UTC ticks of 100 ns since 0001-01-01
/// 40  i64  loaded at, UTC ticks
/// 48  u32  page size in bytes; 0 for a directory above all mounts
/// 52  u8   kind
/// 53  3×0
/// </code>
/// </summary>
/// <param name="File">The file id.</param>
/// <param name="Version">The content's tag; <see cref="FileVersion.None"/> unless a file.</param>
/// <param name="Kind">What is there.</param>
/// <param name="Length">Length in bytes, 0 or more.</param>
/// <param name="LastModified">The store's last-modified time in UTC.</param>
/// <param name="LoadedAt">When the store was asked, UTC wall clock of the worker.</param>
/// <param name="FetchSize">Fetch size of the mount in bytes (see <see cref="FetchGeometry"/>), or 0 for a directory above all mounts.</param>
internal readonly record struct StatReply(
    FileId File,
    FileVersion Version,
    FileKind Kind,
    long Length,
    DateTimeOffset LastModified,
    DateTimeOffset LoadedAt,
    int FetchSize)
{
    /// <summary>Bytes of the body.</summary>
    public const int FixedSize = 56;
}
