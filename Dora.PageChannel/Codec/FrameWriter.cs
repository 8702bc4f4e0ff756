using System.Text.Unicode;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// Encodes frames into a span and returns how many bytes they took. Allocates nothing. A span of
/// <see cref="PageChannelProtocol.MaxControlFrame"/> bytes is always long enough. Spec: <c>docs/page-channel-format.md</c>.
/// </summary>
/// <remarks>A value out of its range, or a span that is too short, is a defect of the caller: <see cref="ArgumentException"/>.</remarks>
internal static class FrameWriter
{
    /// <summary>Writes a hello.</summary>
    public static int WriteHello(Span<byte> destination, long membershipVersion, in HelloRequest hello)
    {
        Check(hello.MinVersion > 0 && hello.MaxVersion >= hello.MinVersion, "the version range is empty");
        CheckLimits(hello.MaxReadLength, hello.MaxInFlight);
        CheckTexts(hello.ClusterId, hello.WorkerId);
        Check(hello.Token.Length <= PageChannelProtocol.MaxTokenBytes, "the token is too long");

        int cluster = hello.ClusterId.Length, worker = hello.WorkerId.Length;
        Span<byte> body = WriteHeader(
            destination, PageChannelOpcode.Hello, HelloRequest.FixedSize + cluster + worker + hello.Token.Length, 0, 0, membershipVersion);
        WriteUInt32LittleEndian(body, PageChannelProtocol.Magic);
        WriteUInt16LittleEndian(body[4..], hello.MinVersion);
        WriteUInt16LittleEndian(body[6..], hello.MaxVersion);
        WriteInt32LittleEndian(body[8..], hello.MaxReadLength);
        WriteInt32LittleEndian(body[12..], hello.MaxInFlight);
        WriteUInt16LittleEndian(body[16..], (ushort)cluster);
        WriteUInt16LittleEndian(body[18..], (ushort)worker);
        WriteUInt16LittleEndian(body[20..], (ushort)hello.Token.Length);
        WriteUInt16LittleEndian(body[22..], 0);
        hello.ClusterId.CopyTo(body[HelloRequest.FixedSize..]);
        hello.WorkerId.CopyTo(body[(HelloRequest.FixedSize + cluster)..]);
        hello.Token.CopyTo(body[(HelloRequest.FixedSize + cluster + worker)..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>Writes an Ok hello reply; for a failed one see <see cref="WriteError"/>.</summary>
    public static int WriteHelloReply(Span<byte> destination, long membershipVersion, in HelloReply reply)
    {
        Check(reply.Version > 0, "the version is 0");
        CheckLimits(reply.MaxReadLength, reply.MaxInFlight);
        CheckTexts(reply.ClusterId, reply.WorkerId);
        Check(!reply.WorkerId.IsEmpty, "the worker id is empty");

        int cluster = reply.ClusterId.Length;
        Span<byte> body = WriteHeader(
            destination, PageChannelOpcode.HelloReply, HelloReply.FixedSize + cluster + reply.WorkerId.Length, 0, 0, membershipVersion);
        WriteUInt32LittleEndian(body, PageChannelProtocol.Magic);
        WriteUInt16LittleEndian(body[4..], reply.Version);
        WriteUInt16LittleEndian(body[6..], 0);
        WriteInt32LittleEndian(body[8..], reply.MaxReadLength);
        WriteInt32LittleEndian(body[12..], reply.MaxInFlight);
        WriteUInt16LittleEndian(body[16..], (ushort)cluster);
        WriteUInt16LittleEndian(body[18..], (ushort)reply.WorkerId.Length);
        WriteUInt32LittleEndian(body[20..], 0);
        reply.ClusterId.CopyTo(body[HelloReply.FixedSize..]);
        reply.WorkerId.CopyTo(body[(HelloReply.FixedSize + cluster)..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>Writes a stat request.</summary>
    public static int WriteStat(Span<byte> destination, ulong requestId, long membershipVersion, in StatRequest request)
    {
        Check(request.Path.Length is > 0 and <= PageChannelProtocol.MaxPathBytes, "the path is empty or too long");
        Span<byte> body = WriteHeader(
            destination, PageChannelOpcode.Stat, StatRequest.FixedSize + request.Path.Length, (ushort)request.Flags, requestId, membershipVersion);
        WriteUInt64LittleEndian(body, (ulong)request.Path.Length);
        request.Path.CopyTo(body[StatRequest.FixedSize..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>Writes an Ok stat reply; for a failed one see <see cref="WriteError"/>.</summary>
    public static int WriteStatReply(Span<byte> destination, ulong requestId, long membershipVersion, ReplyFlags flags, in StatReply reply)
    {
        WriteStatBody(WriteHeader(destination, PageChannelOpcode.StatReply, StatReply.FixedSize, (ushort)flags, requestId, membershipVersion), reply);
        return FrameHeader.Size + StatReply.FixedSize;
    }

    private static void WriteStatBody(Span<byte> body, in StatReply reply)
    {
        Check(reply.Length >= 0, "the length is negative");
        Check(reply.FetchSize == 0 || FetchGeometry.IsValid(reply.FetchSize), "the fetch size is out of range");
        Check(reply.Kind <= FileKind.Directory, "the file kind is unknown");
        reply.File.Write(body);
        WriteUInt64LittleEndian(body[16..], reply.Version.Value);
        WriteInt64LittleEndian(body[24..], reply.Length);
        WriteInt64LittleEndian(body[32..], reply.LastModified.UtcTicks);
        WriteInt64LittleEndian(body[40..], reply.LoadedAt.UtcTicks);
        WriteInt32LittleEndian(body[48..], reply.FetchSize);
        WriteUInt32LittleEndian(body[52..], (uint)reply.Kind);
    }

    /// <summary>Writes a read request.</summary>
    public static int WriteRead(Span<byte> destination, ulong requestId, long membershipVersion, in ReadRequest request)
    {
        Check(request.Offset >= 0, "the offset is negative");
        Check(request.Length is >= 0 and <= PageChannelProtocol.MaxReadLength, "the length is out of range");
        Check(request.Length <= long.MaxValue - request.Offset, "the end overflows");
        Check(request.Path.Length <= PageChannelProtocol.MaxPathBytes, "the path is too long");
        Span<byte> body = WriteHeader(
            destination, PageChannelOpcode.Read, ReadRequest.FixedSize + request.Path.Length, (ushort)request.Flags, requestId, membershipVersion);
        request.File.Write(body);
        WriteUInt64LittleEndian(body[16..], request.Version.Value);
        WriteInt64LittleEndian(body[24..], request.Offset);
        WriteInt32LittleEndian(body[32..], request.Length);
        WriteUInt32LittleEndian(body[36..], (uint)request.Path.Length);
        request.Path.CopyTo(body[ReadRequest.FixedSize..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>Writes a read-file request.</summary>
    public static int WriteReadFile(Span<byte> destination, ulong requestId, long membershipVersion, in ReadFileRequest request)
    {
        Check(request.MaxLength is >= 0 and <= PageChannelProtocol.MaxReadLength, "the length is out of range");
        Check(request.Path.Length is > 0 and <= PageChannelProtocol.MaxPathBytes, "the path is empty or too long");
        Span<byte> body = WriteHeader(
            destination, PageChannelOpcode.ReadFile, ReadFileRequest.FixedSize + request.Path.Length, (ushort)request.Flags, requestId, membershipVersion);
        WriteInt32LittleEndian(body, request.MaxLength);
        WriteUInt32LittleEndian(body[4..], (uint)request.Path.Length);
        request.Path.CopyTo(body[ReadFileRequest.FixedSize..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>
    /// Writes the header and the metadata of an Ok read-file reply. Exactly <paramref name="dataLength"/> bytes of the file must follow on the connection.
    /// </summary>
    /// <param name="destination">At least <see cref="FrameHeader.Size"/> + <see cref="StatReply.FixedSize"/> bytes.</param>
    /// <param name="requestId">The request's id.</param>
    /// <param name="membershipVersion">The worker's membership version.</param>
    /// <param name="flags">Where the bytes came from.</param>
    /// <param name="reply">The metadata.</param>
    /// <param name="dataLength">0 to the most wanted.</param>
    public static int WriteReadFileReplyHead(
        Span<byte> destination, ulong requestId, long membershipVersion, ReplyFlags flags, in StatReply reply, int dataLength)
    {
        Check(dataLength is >= 0 and <= PageChannelProtocol.MaxReadLength, "the data length is out of range");
        WriteHeaderOnly(
            destination, PageChannelOpcode.ReadFileReply, PageChannelStatus.Ok, StatReply.FixedSize + dataLength, (ushort)flags, requestId, membershipVersion);
        WriteStatBody(destination.Slice(FrameHeader.Size, StatReply.FixedSize), reply);
        return FrameHeader.Size + StatReply.FixedSize;
    }

    /// <summary>Writes a locate request.</summary>
    public static int WriteLocate(Span<byte> destination, ulong requestId, long membershipVersion, in LocateRequest request)
    {
        Check(request.Offset >= 0, "the offset is negative");
        Check(request.Length is >= 0 and <= PageChannelProtocol.MaxReadLength, "the length is out of range");
        Check(request.Ahead is >= 0 and <= LocateRequest.MaxAhead && request.Ahead % LocateRequest.AheadStep == 0, "the bytes ahead are out of range");
        Check(request.Length + LocateRequest.MaxAhead <= long.MaxValue - request.Offset, "the end overflows");
        Check(request.Path.Length <= PageChannelProtocol.MaxPathBytes, "the path is too long");
        Check(request.Version != FileVersion.None || (!request.Path.IsEmpty && request.File == default), "neither a version nor a path alone is named");
        Span<byte> body = WriteHeader(destination, PageChannelOpcode.Locate, LocateRequest.FixedSize + request.Path.Length, 0, requestId, membershipVersion);
        request.File.Write(body);
        WriteUInt64LittleEndian(body[16..], request.Version.Value);
        WriteInt64LittleEndian(body[24..], request.Offset);
        WriteInt32LittleEndian(body[32..], request.Length);
        WriteUInt16LittleEndian(body[36..], (ushort)request.Path.Length);
        WriteUInt16LittleEndian(body[38..], (ushort)(request.Ahead / LocateRequest.AheadStep));
        request.Path.CopyTo(body[LocateRequest.FixedSize..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>Writes an Ok locate reply; for a failed one see <see cref="WriteError"/>.</summary>
    public static int WriteLocateReply(
        Span<byte> destination, ulong requestId, long membershipVersion, in StatReply reply, ReadOnlySpan<PageLocation> locations)
    {
        Check(locations.Length <= PageLocation.MaxInReply, "there are too many locations");
        Span<byte> body = WriteHeader(
            destination, PageChannelOpcode.LocateReply, StatReply.FixedSize + (locations.Length * PageLocation.Size), 0, requestId, membershipVersion);
        WriteStatBody(body, reply);
        for (int i = 0; i < locations.Length; i++)
        {
            locations[i].Write(body[(StatReply.FixedSize + (i * PageLocation.Size))..]);
        }

        return FrameHeader.Size + body.Length;
    }

    /// <summary>Writes a same-host request.</summary>
    public static int WriteSameHost(Span<byte> destination, ulong requestId, long membershipVersion) =>
        FrameHeader.Size + WriteHeader(destination, PageChannelOpcode.SameHost, 0, 0, requestId, membershipVersion).Length;

    /// <summary>Writes an Ok same-host reply; for a failed one see <see cref="WriteError"/>.</summary>
    public static int WriteSameHostReply(Span<byte> destination, ulong requestId, long membershipVersion, in SameHostReply reply)
    {
        Check(reply.Ticket.Length == SameHostReply.KeySize && reply.BootId.Length == SameHostReply.KeySize, "a key is too long or too short");
        Check(reply.Path.Length is > 0 and <= SameHostReply.MaxPathBytes, "the path is empty or too long");
        Span<byte> body = WriteHeader(
            destination, PageChannelOpcode.SameHostReply, SameHostReply.FixedSize + reply.Path.Length, 0, requestId, membershipVersion);
        reply.Ticket.CopyTo(body);
        reply.BootId.CopyTo(body[SameHostReply.KeySize..]);
        WriteUInt64LittleEndian(body[32..], (ulong)reply.Path.Length);
        reply.Path.CopyTo(body[SameHostReply.FixedSize..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>Writes a known request.</summary>
    public static int WriteKnown(Span<byte> destination, ulong requestId, long membershipVersion, in KnownRequest request)
    {
        int length = request.Name.Length;
        Check(KnownRequest.FlagsAreValid(request.Flags), "leaving is said of one file");
        Check(request.Flags.HasFlag(KnownFlags.Owned) ? length is > 0 and <= PageChannelProtocol.MaxWorkerIdBytes : request.From == default, "one path and a file id are named");
        Check(length is > 0 and <= PageChannelProtocol.MaxPathBytes, "the name is empty or too long");
        Check(request.Flags != KnownFlags.Held || length % FileId.Size == 0, "a file id is cut off");
        Span<byte> body = WriteHeader(
            destination, PageChannelOpcode.Known, KnownRequest.FixedSize + length, (ushort)request.Flags, requestId, membershipVersion);
        request.From.Write(body);
        WriteUInt64LittleEndian(body[FileId.Size..], (ulong)length);
        request.Name.CopyTo(body[KnownRequest.FixedSize..]);
        return FrameHeader.Size + body.Length;
    }

    /// <summary>
    /// Writes the header of an Ok known, list or view reply; exactly so many bytes of body must follow it on the connection, see <see cref="KnownRecord"/>, <see cref="ListPage"/> and
    /// <see cref="ViewBody"/>.
    /// </summary>
    public static int WriteBodyHeader(Span<byte> destination, PageChannelOpcode reply, ulong requestId, long membershipVersion, int bodyLength)
    {
        FrameRules.TryGet(reply, isError: false, 0, out FrameRules rules);
        Check(reply is PageChannelOpcode.KnownReply or PageChannelOpcode.ListReply or PageChannelOpcode.ViewReply, "the reply has another body");
        Check(bodyLength >= rules.MinBody && bodyLength <= rules.MaxBody, "the body length is out of range");
        WriteHeaderOnly(destination, reply, PageChannelStatus.Ok, bodyLength, 0, requestId, membershipVersion);
        return FrameHeader.Size;
    }

    /// <summary>
    /// Writes the header of an Ok read reply. Exactly <paramref name="dataLength"/> bytes of the file must follow it on the connection.
    /// </summary>
    /// <param name="destination">At least <see cref="FrameHeader.Size"/> bytes.</param>
    /// <param name="requestId">The request's id.</param>
    /// <param name="membershipVersion">The worker's membership version.</param>
    /// <param name="flags">Where the bytes came from.</param>
    /// <param name="dataLength">0 to the granted read length; fewer than asked for only at the end of the file.</param>
    public static int WriteReadReplyHeader(Span<byte> destination, ulong requestId, long membershipVersion, ReplyFlags flags, int dataLength)
    {
        Check(dataLength is >= 0 and <= PageChannelProtocol.MaxReadLength, "the data length is out of range");
        WriteHeaderOnly(destination, PageChannelOpcode.ReadReply, PageChannelStatus.Ok, dataLength, (ushort)flags, requestId, membershipVersion);
        return FrameHeader.Size;
    }

    /// <summary>Writes a failed reply: a status and a short message.</summary>
    /// <param name="destination">At least header and message long.</param>
    /// <param name="reply">The reply's opcode.</param>
    /// <param name="requestId">The request's id.</param>
    /// <param name="membershipVersion">The worker's membership version.</param>
    /// <param name="status">Not <see cref="PageChannelStatus.Ok"/>.</param>
    /// <param name="message">One line; cut to <see cref="PageChannelProtocol.MaxMessageBytes"/> bytes of UTF-8 at a character.</param>
    public static int WriteError(
        Span<byte> destination, PageChannelOpcode reply, ulong requestId, long membershipVersion, PageChannelStatus status, ReadOnlySpan<char> message)
    {
        Check(FrameRules.IsReply(reply), "only replies carry a status");
        Check(status != PageChannelStatus.Ok, "Ok is no failure");
        return WriteMessage(destination, reply, status, requestId, membershipVersion, message);
    }

    /// <summary>Writes the last frame of a connection: why it closes.</summary>
    public static int WriteGoodbye(Span<byte> destination, long membershipVersion, PageChannelStatus status, ReadOnlySpan<char> message) =>
        WriteMessage(destination, PageChannelOpcode.Goodbye, status, 0, membershipVersion, message);

    /// <summary>Writes a cancel of the request with an id.</summary>
    public static int WriteCancel(Span<byte> destination, ulong requestId, long membershipVersion) =>
        FrameHeader.Size + WriteHeader(destination, PageChannelOpcode.Cancel, 0, 0, requestId, membershipVersion).Length;

    /// <summary>Writes a ping; the pong echoes its id.</summary>
    public static int WritePing(Span<byte> destination, ulong requestId, long membershipVersion) =>
        FrameHeader.Size + WriteHeader(destination, PageChannelOpcode.Ping, 0, 0, requestId, membershipVersion).Length;

    /// <summary>Writes the answer to a ping.</summary>
    public static int WritePong(Span<byte> destination, ulong requestId, long membershipVersion) =>
        FrameHeader.Size + WriteHeader(destination, PageChannelOpcode.Pong, 0, 0, requestId, membershipVersion).Length;

    private static int WriteMessage(
        Span<byte> destination, PageChannelOpcode opcode, PageChannelStatus status, ulong requestId, long membershipVersion, ReadOnlySpan<char> message)
    {
        Span<byte> utf8 = stackalloc byte[PageChannelProtocol.MaxMessageBytes];
        // Too long a message stops at the last character that fits: the status "destination too small" is the cut, not a failure.
        _ = Utf8.FromUtf16(message, utf8, out _, out int length);
        WriteHeaderOnly(destination, opcode, status, length, 0, requestId, membershipVersion);
        utf8[..length].CopyTo(destination[FrameHeader.Size..]);
        return FrameHeader.Size + length;
    }

    /// <summary>Writes a header with status Ok and returns the span of the body.</summary>
    internal static Span<byte> WriteHeader(
        Span<byte> destination, PageChannelOpcode opcode, int bodyLength, ushort flags, ulong requestId, long membershipVersion)
    {
        WriteHeaderOnly(destination, opcode, PageChannelStatus.Ok, bodyLength, flags, requestId, membershipVersion);
        return destination.Slice(FrameHeader.Size, bodyLength);
    }

    private static void WriteHeaderOnly(
        Span<byte> destination, PageChannelOpcode opcode, PageChannelStatus status, int bodyLength, ushort flags, ulong requestId, long membershipVersion)
    {
        FrameRules.TryGet(opcode, status != PageChannelStatus.Ok, PageChannelProtocol.MaxReadLength, out FrameRules rules);
        Check((flags & ~rules.AllowedFlags) == 0, "a flag is unknown");
        Check(membershipVersion >= 0, "the membership version is negative");
        Check(destination.Length >= FrameHeader.Size, "the span is shorter than a header");
        WriteInt32LittleEndian(destination, bodyLength);
        destination[4] = (byte)opcode;
        destination[5] = (byte)status;
        WriteUInt16LittleEndian(destination[6..], flags);
        WriteUInt64LittleEndian(destination[8..], requestId);
        WriteInt64LittleEndian(destination[16..], membershipVersion);
    }

    private static void CheckLimits(int maxReadLength, int maxInFlight)
    {
        Check(maxReadLength is > 0 and <= PageChannelProtocol.MaxReadLength, "the read length limit is out of range");
        Check(maxInFlight is > 0 and <= PageChannelProtocol.MaxInFlight, "the in-flight limit is out of range");
    }

    private static void CheckTexts(ReadOnlySpan<byte> clusterId, ReadOnlySpan<byte> workerId)
    {
        Check(clusterId.Length <= PageChannelProtocol.MaxClusterIdBytes, "the cluster id is too long");
        Check(workerId.Length <= PageChannelProtocol.MaxWorkerIdBytes, "the worker id is too long");
    }

    internal static void Check(bool isValid, string rule)
    {
        if (!isValid)
        {
            throw new ArgumentException(rule);
        }
    }
}
