using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// What a worker has cached of one file, in the body of an Ok <see cref="PageChannelOpcode.KnownReply"/> to a request with <see cref="KnownFlags.Held"/>, little-endian. After the head, which is 0, there
/// is one for each file that was named, in their order.
/// <code>
///  0  u64  file version; 0 when nothing is cached
///  8  i64  bytes of it that are cached
/// </code>
/// </summary>
internal readonly record struct HeldRecord(FileVersion Version, long Bytes)
{
    /// <summary>Bytes of a record.</summary>
    public const int Size = 16;

    /// <summary>The most files that one request names.</summary>
    public const int MaxFiles = PageChannelProtocol.MaxPathBytes / FileId.Size;

    /// <summary>The bytes of a body.</summary>
    public static int ReplySize(int files) => KnownRecord.ReplyHead + (files * Size);

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> destination)
    {
        WriteUInt64LittleEndian(destination, Version.Value);
        WriteInt64LittleEndian(destination[8..], Bytes);
    }

    /// <summary>Reads one.</summary>
    public static HeldRecord Read(ReadOnlySpan<byte> source) => new(new FileVersion(ReadUInt64LittleEndian(source)), Math.Max(0, ReadInt64LittleEndian(source[8..])));
}
