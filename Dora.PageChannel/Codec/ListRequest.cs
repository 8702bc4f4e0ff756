using System.Text.Unicode;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of <see cref="PageChannelOpcode.List"/>, little-endian. The reply is a <see cref="ListPage"/>.
/// <code>
///  0  u16  most entries wanted, 1..10000
///  2  u16  n1: bytes of path, 1..4096
///  4  u16  n2: bytes of continuation; 0: the first page; n1 + n2 at most 4096
///  6  2×0
///  8  n1   Dora path, UTF-8
///     n2   what the page before gave, UTF-8
/// </code>
/// </summary>
internal readonly ref struct ListRequest
{
    /// <summary>Bytes before the path.</summary>
    public const int FixedSize = 8;

    /// <summary>The most entries that one page may be asked for.</summary>
    public const int MaxEntries = 10_000;

    /// <summary>How to answer; travels in the header.</summary>
    public ListFlags Flags { get; init; }

    /// <summary>Most entries wanted, 1 to <see cref="MaxEntries"/>.</summary>
    public required int Limit { get; init; }

    /// <summary>The directory's Dora path, UTF-8.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }

    /// <summary>Where the page begins, as the page before said; empty: the first page.</summary>
    public ReadOnlySpan<byte> Continuation { get; init; }

    /// <summary>Whether a request for these fits in a frame.</summary>
    public static bool Fits(int pathBytes, int continuationBytes) => pathBytes > 0 && pathBytes + continuationBytes <= PageChannelProtocol.MaxPathBytes;

    /// <summary>Writes the frame.</summary>
    public int Write(Span<byte> destination, ulong requestId, long membershipVersion)
    {
        FrameWriter.Check(Limit is > 0 and <= MaxEntries, "the number of entries is out of range");
        FrameWriter.Check(Fits(Path.Length, Continuation.Length), "path and continuation are empty or too long");
        Span<byte> body = FrameWriter.WriteHeader(
            destination, PageChannelOpcode.List, FixedSize + Path.Length + Continuation.Length, (ushort)Flags, requestId, membershipVersion);
        WriteUInt16LittleEndian(body, (ushort)Limit);
        WriteUInt16LittleEndian(body[2..], (ushort)Path.Length);
        WriteUInt32LittleEndian(body[4..], (uint)Continuation.Length);
        Path.CopyTo(body[FixedSize..]);
        Continuation.CopyTo(body[(FixedSize + Path.Length)..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>Decodes the body of a list request.</summary>
    public static FrameDecode Read(in FrameHeader header, ReadOnlySpan<byte> body, out ListRequest request)
    {
        request = default;
        FrameDecode cut = FrameReader.CutBody(header, PageChannelOpcode.List, FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        int limit = ReadUInt16LittleEndian(body), path = ReadUInt16LittleEndian(body[2..]);
        uint continuation = ReadUInt32LittleEndian(body[4..]);
        ReadOnlySpan<byte> texts = body[FixedSize..];
        string? broken = limit is 0 or > MaxEntries ? "the number of entries is out of range"
            : continuation >> 16 != 0 ? "a reserved byte is not 0"
            : path == 0 ? "the path is empty"
            : path + continuation != texts.Length ? "the lengths in the body do not add up"
            : !Utf8.IsValid(texts[..path]) ? "the path is not UTF-8"
            : !Utf8.IsValid(texts[path..]) ? "the continuation is not UTF-8"
            : null;
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        request = new ListRequest { Flags = (ListFlags)header.Flags, Limit = limit, Path = texts[..path], Continuation = texts[path..] };
        return FrameDecode.Ok;
    }
}
