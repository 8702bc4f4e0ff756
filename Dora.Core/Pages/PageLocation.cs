using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora;

/// <summary>
/// Where bytes of a file lie on the worker's host, 40 bytes in an answer on the page channel, little-endian. They are the file's bytes as long as
/// the epoch is found in its place after they were read: the worker changes it before it gives their space back.
/// <code>
///  0  u64  segment: what its descriptor is asked for by
///  8  u64  epoch
/// 16  i64  position of the bytes in the segment's file, 4096 or more
/// 24  u32  position of the epoch in the segment's file, 2048..4088, a multiple of 8
/// 28  u32  length, 1..1 MiB
/// 32  i64  offset of the bytes in the file
/// </code>
/// </summary>
/// <param name="Segment">What the segment's descriptor is asked for by.</param>
/// <param name="Epoch">What must be found at <paramref name="EpochPosition"/> after the bytes were read.</param>
/// <param name="Position">First byte in the segment's file.</param>
/// <param name="EpochPosition">Where the epoch is in the segment's file.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="Offset">First byte in the file.</param>
public readonly record struct PageLocation(ulong Segment, ulong Epoch, long Position, int EpochPosition, int Length, long Offset)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 40;

    /// <summary>Most locations in one reply.</summary>
    public const int MaxInReply = 64;

    /// <summary>The first epoch in a segment's file.</summary>
    public const int FirstEpoch = 2048;

    /// <summary>Where the bytes of a segment begin, behind the last epoch.</summary>
    public const int FirstPosition = 4096;

    /// <summary>The most bytes in one piece.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>One past the last byte in the file.</summary>
    public long End => Offset + Length;

    /// <summary>Writes the location to the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        WriteUInt64LittleEndian(destination, Segment);
        WriteUInt64LittleEndian(destination[8..], Epoch);
        WriteInt64LittleEndian(destination[16..], Position);
        WriteInt32LittleEndian(destination[24..], EpochPosition);
        WriteInt32LittleEndian(destination[28..], Length);
        WriteInt64LittleEndian(destination[32..], Offset);
    }

    /// <summary>Reads a location from the first <see cref="Size"/> bytes.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="location">The location, when the result is <see langword="true"/>.</param>
    /// <returns>Whether every field is in its range.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out PageLocation location)
    {
        location = new PageLocation(
            ReadUInt64LittleEndian(source),
            ReadUInt64LittleEndian(source[8..]),
            ReadInt64LittleEndian(source[16..]),
            ReadInt32LittleEndian(source[24..]),
            ReadInt32LittleEndian(source[28..]),
            ReadInt64LittleEndian(source[32..]));
        return location is { Position: >= FirstPosition and <= long.MaxValue - MaxLength, Length: > 0 and <= MaxLength, Offset: >= 0 and <= long.MaxValue - MaxLength }
            && location.EpochPosition is >= FirstEpoch and < FirstPosition
            && location.EpochPosition % sizeof(ulong) == 0;
    }
}
