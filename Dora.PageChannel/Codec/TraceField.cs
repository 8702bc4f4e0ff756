using System.Diagnostics;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// The optional last field of a request, since version 5: the span that it was sent in, by W3C Trace Context. It is there when the header has
/// <see cref="Flag"/>, comes after everything else, and is counted in the body length.
/// <code>
///  0  16   trace id, not 0
/// 16  8    span id, not 0
/// 24  u8   trace flags; 1 = recorded, the others are kept for later
/// </code>
/// Spec: <c>docs/page-channel-format.md</c>, "Trace".
/// </summary>
internal static class TraceField
{
    /// <summary>The bit of a request's header flags that says that the field is there. Frozen on the wire.</summary>
    public const ushort Flag = 0x8000;

    /// <summary>Bytes of the field.</summary>
    public const int Size = TraceIdSize + SpanIdSize + 1;

    private const int TraceIdSize = 16;
    private const int SpanIdSize = 8;

    /// <summary>The span that a request belongs to which is sent now: the current one when somebody records it.</summary>
    public static Activity? Current => Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } current ? current : null;

    /// <summary>Whether a request has the field.</summary>
    public static bool IsIn(in FrameHeader header) => (header.Flags & Flag) != 0;

    /// <summary>Adds the field to a request that was written.</summary>
    /// <param name="frame">The frame and <see cref="Size"/> bytes of room behind it.</param>
    /// <param name="length">Bytes of the frame.</param>
    /// <param name="parent">The span.</param>
    /// <returns>Bytes of the frame now.</returns>
    public static int Append(Span<byte> frame, int length, in ActivityContext parent)
    {
        Span<byte> field = frame.Slice(length, Size);
        parent.TraceId.CopyTo(field[..TraceIdSize]);
        parent.SpanId.CopyTo(field.Slice(TraceIdSize, SpanIdSize));
        field[TraceIdSize + SpanIdSize] = (byte)parent.TraceFlags;
        WriteInt32LittleEndian(frame, ReadInt32LittleEndian(frame) + Size);
        WriteUInt16LittleEndian(frame[6..], (ushort)(ReadUInt16LittleEndian(frame[6..]) | Flag));
        return length + Size;
    }

    /// <summary>Takes the field off a request that has it: what is left is the request as older versions know it.</summary>
    /// <param name="header">The header; its flag and the field's bytes are taken off.</param>
    /// <param name="body">The whole body; the field is taken off.</param>
    /// <param name="field">The field; see <see cref="Parse"/>.</param>
    public static FrameDecode Cut(scoped ref FrameHeader header, scoped ref ReadOnlySpan<byte> body, out ReadOnlySpan<byte> field)
    {
        field = default;
        if (body.Length < header.BodyLength)
        {
            return FrameDecode.NeedMore(header.BodyLength);
        }

        field = body.Slice(header.BodyLength - Size, Size);
        body = body[..(header.BodyLength - Size)];
        header = header with { BodyLength = header.BodyLength - Size, Flags = (ushort)(header.Flags & ~Flag) };
        return field[..TraceIdSize].ContainsAnyExcept((byte)0) && field.Slice(TraceIdSize, SpanIdSize).ContainsAnyExcept((byte)0)
            ? FrameDecode.Ok
            : FrameDecode.Malformed("the trace field names no span");
    }

    /// <summary>What a field says.</summary>
    public static ActivityContext Parse(ReadOnlySpan<byte> field) => new(
        ActivityTraceId.CreateFromBytes(field[..TraceIdSize]),
        ActivitySpanId.CreateFromBytes(field.Slice(TraceIdSize, SpanIdSize)),
        (ActivityTraceFlags)(field[TraceIdSize + SpanIdSize] & (byte)ActivityTraceFlags.Recorded),
        traceState: null,
        isRemote: true);
}
