using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of <see cref="PageChannelOpcode.View"/>, little-endian: the cluster as the worker sees it. A long poll: the answer, a <see cref="ViewBody"/>, comes as soon as the worker has something
/// newer than what is named, or when the time is over.
/// <code>
///  0  i64  membership version that the client has; -1: none
///  8  i64  version of the mount table that it has; -1: none
/// 16  u32  how long to wait for newer ones in ms, 0..20000
/// 20  4×0
/// </code>
/// </summary>
/// <param name="MembershipVersion">The client's membership version; -1: none.</param>
/// <param name="MountsVersion">The client's mount-table version; -1: none.</param>
/// <param name="Wait">How long to wait, 0 to <see cref="MaxWait"/>.</param>
internal readonly record struct ViewRequest(long MembershipVersion, long MountsVersion, TimeSpan Wait)
{
    /// <summary>Bytes of the body.</summary>
    public const int FixedSize = 24;

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    /// <summary>Writes the frame.</summary>
    public int Write(Span<byte> destination, ulong requestId, long membershipVersion)
    {
        FrameWriter.Check(MembershipVersion >= -1 && MountsVersion >= -1, "a version is negative");
        FrameWriter.Check(Wait >= TimeSpan.Zero && Wait <= MaxWait, "the wait is out of range");
        Span<byte> body = FrameWriter.WriteHeader(destination, PageChannelOpcode.View, FixedSize, 0, requestId, membershipVersion);
        WriteInt64LittleEndian(body, MembershipVersion);
        WriteInt64LittleEndian(body[8..], MountsVersion);
        WriteInt64LittleEndian(body[16..], (long)Wait.TotalMilliseconds);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>Decodes the body of a view request.</summary>
    public static FrameDecode Read(in FrameHeader header, ReadOnlySpan<byte> body, out ViewRequest request)
    {
        request = default;
        FrameDecode cut = FrameReader.CutBody(header, PageChannelOpcode.View, FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        long membership = ReadInt64LittleEndian(body), mounts = ReadInt64LittleEndian(body[8..]);
        ulong wait = ReadUInt64LittleEndian(body[16..]);
        string? broken = membership < -1 || mounts < -1 ? "a version is negative"
            : wait >> 32 != 0 ? "a reserved byte is not 0"
            : wait > MaxWait.TotalMilliseconds ? "the wait is out of range" : null;
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        request = new ViewRequest(membership, mounts, TimeSpan.FromMilliseconds(wait));
        return FrameDecode.Ok;
    }
}
