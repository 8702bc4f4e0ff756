namespace Dora.PageChannel.Codec;

/// <summary>
/// The first 24 bytes of every frame, little-endian:
/// <code>
///  0  u32  body length: bytes that follow the header
///  4  u8   opcode
///  5  u8   status: replies and goodbye; 0 in requests
///  6  u16  flags of the opcode; unknown bits are refused
///  8  u64  request id: chosen by the client, echoed by the worker
/// 16  i64  membership version the sender acts on; 0 when it knows none
/// </code>
/// Spec: <c>docs/page-channel-format.md</c>, "Header".
/// </summary>
/// <param name="BodyLength">Bytes that follow the header; within the cap of the opcode.</param>
/// <param name="Opcode">What the frame is.</param>
/// <param name="Status">The outcome, in replies and goodbyes; <see cref="PageChannelStatus.Ok"/> in requests.</param>
/// <param name="Flags">The opcode's flags: <see cref="StatFlags"/>, <see cref="ReadFlags"/> or <see cref="ReplyFlags"/>.</param>
/// <param name="RequestId">Chosen by the client, unique among its requests in flight; echoed by the worker.</param>
/// <param name="MembershipVersion">The membership version the sender acts on, 0 or more; 0 when it knows none.</param>
internal readonly record struct FrameHeader(
    int BodyLength,
    PageChannelOpcode Opcode,
    PageChannelStatus Status,
    ushort Flags,
    ulong RequestId,
    long MembershipVersion)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 24;

    /// <summary>Bytes of the whole frame.</summary>
    public int FrameLength => Size + BodyLength;

    /// <summary>Whether the body is the UTF-8 message of a failure (which may be empty).</summary>
    public bool IsError => Status != PageChannelStatus.Ok;
}
