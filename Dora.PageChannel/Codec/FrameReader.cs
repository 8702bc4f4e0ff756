using System.Text.Unicode;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// Decodes frames from bytes: first the header, then, when <see cref="FrameHeader.BodyLength"/> bytes are there, the body by its opcode.
/// Allocates nothing and never throws for bytes; texts point into the source span. Spec: <c>docs/page-channel-format.md</c>.
/// </summary>
internal static class FrameReader
{
    /// <summary>Decodes a header that a client sent. Frames that only a worker may send are malformed here.</summary>
    /// <param name="source">Bytes from the start of a frame; more may follow.</param>
    /// <param name="header">The header, when the result is Ok.</param>
    public static FrameDecode ReadHeaderAtWorker(ReadOnlySpan<byte> source, out FrameHeader header) =>
        ReadHeader(source, FrameRules.Way.ToWorker, 0, out header);

    /// <summary>Decodes a header that a worker sent. Frames that only a client may send are malformed here.</summary>
    /// <param name="source">Bytes from the start of a frame; more may follow.</param>
    /// <param name="maxReadLength">The granted most bytes of one read reply; data beyond it is malformed.</param>
    /// <param name="header">The header, when the result is Ok.</param>
    public static FrameDecode ReadHeaderAtClient(ReadOnlySpan<byte> source, int maxReadLength, out FrameHeader header) =>
        ReadHeader(source, FrameRules.Way.ToClient, maxReadLength, out header);

    /// <summary>Decodes the body of a hello.</summary>
    public static FrameDecode ReadHello(in FrameHeader header, ReadOnlySpan<byte> body, out HelloRequest hello)
    {
        hello = default;
        FrameDecode cut = CutBody(header, PageChannelOpcode.Hello, HelloRequest.FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        ushort min = ReadUInt16LittleEndian(body[4..]), max = ReadUInt16LittleEndian(body[6..]);
        uint length = ReadUInt32LittleEndian(body[8..]), inFlight = ReadUInt32LittleEndian(body[12..]);
        int cluster = ReadUInt16LittleEndian(body[16..]), worker = ReadUInt16LittleEndian(body[18..]), token = ReadUInt16LittleEndian(body[20..]);
        string? broken = ReadUInt32LittleEndian(body) != PageChannelProtocol.Magic ? "the hello does not start with DORA"
            : min == 0 || max < min ? "the hello's version range is empty"
            : BadLimits(length, inFlight) ?? BadTexts(body[HelloRequest.FixedSize..], cluster, worker, token)
                ?? (ReadUInt16LittleEndian(body[22..]) != 0 ? "a reserved byte is not 0" : null);
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        body = body[HelloRequest.FixedSize..];
        hello = new HelloRequest
        {
            MinVersion = min,
            MaxVersion = max,
            MaxReadLength = (int)length,
            MaxInFlight = (int)inFlight,
            ClusterId = body[..cluster],
            WorkerId = body.Slice(cluster, worker),
            Token = body[(cluster + worker)..],
        };
        return FrameDecode.Ok;
    }

    /// <summary>Decodes the body of an Ok hello reply; of a failed one see <see cref="ReadMessage"/>.</summary>
    public static FrameDecode ReadHelloReply(in FrameHeader header, ReadOnlySpan<byte> body, out HelloReply reply)
    {
        reply = default;
        FrameDecode cut = CutBody(header, PageChannelOpcode.HelloReply, HelloReply.FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        ushort version = ReadUInt16LittleEndian(body[4..]);
        uint length = ReadUInt32LittleEndian(body[8..]), inFlight = ReadUInt32LittleEndian(body[12..]);
        int cluster = ReadUInt16LittleEndian(body[16..]), worker = ReadUInt16LittleEndian(body[18..]);
        string? broken = ReadUInt32LittleEndian(body) != PageChannelProtocol.Magic ? "the hello reply does not start with DORA"
            : version == 0 ? "the hello reply names no version"
            : worker == 0 ? "the hello reply names no worker"
            : BadLimits(length, inFlight) ?? BadTexts(body[HelloReply.FixedSize..], cluster, worker, token: 0)
                ?? ((ReadUInt16LittleEndian(body[6..]) | ReadUInt32LittleEndian(body[20..])) != 0 ? "a reserved byte is not 0" : null);
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        body = body[HelloReply.FixedSize..];
        reply = new HelloReply
        {
            Version = version,
            MaxReadLength = (int)length,
            MaxInFlight = (int)inFlight,
            ClusterId = body[..cluster],
            WorkerId = body[cluster..],
        };
        return FrameDecode.Ok;
    }

    /// <summary>Decodes the body of a stat request.</summary>
    public static FrameDecode ReadStat(in FrameHeader header, ReadOnlySpan<byte> body, out StatRequest request)
    {
        request = default;
        FrameDecode cut = CutBody(header, PageChannelOpcode.Stat, StatRequest.FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        ulong prefix = ReadUInt64LittleEndian(body);
        ReadOnlySpan<byte> path = body[StatRequest.FixedSize..];
        string? broken = prefix >> 16 != 0 ? "a reserved byte is not 0" : path.IsEmpty ? "the path is empty" : BadPath(path, (int)prefix);
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        request = new StatRequest { Flags = (StatFlags)header.Flags, Path = path };
        return FrameDecode.Ok;
    }

    /// <summary>Decodes the body of an Ok stat reply; of a failed one see <see cref="ReadMessage"/>.</summary>
    public static FrameDecode ReadStatReply(in FrameHeader header, ReadOnlySpan<byte> body, out StatReply reply)
    {
        reply = default;
        FrameDecode cut = CutBody(header, PageChannelOpcode.StatReply, StatReply.FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        return ReadStatBody(body, out reply);
    }

    /// <summary>Decodes the metadata at the start of an Ok read-file reply; the data follows it.</summary>
    /// <param name="header">The header.</param>
    /// <param name="body">The bytes after it, at least <see cref="StatReply.FixedSize"/>; the data need not be there yet.</param>
    /// <param name="reply">The metadata.</param>
    /// <param name="dataLength">Bytes of data that follow the metadata.</param>
    public static FrameDecode ReadReadFileReplyHead(in FrameHeader header, ReadOnlySpan<byte> body, out StatReply reply, out int dataLength)
    {
        (reply, dataLength) = (default, 0);
        if (header.Opcode != PageChannelOpcode.ReadFileReply || header.IsError || header.BodyLength < StatReply.FixedSize)
        {
            return FrameDecode.Malformed("the header does not announce this body");
        }

        if (body.Length < StatReply.FixedSize)
        {
            return FrameDecode.NeedMore(StatReply.FixedSize);
        }

        dataLength = header.BodyLength - StatReply.FixedSize;
        FrameDecode decode = ReadStatBody(body, out reply);
        return decode.IsOk && dataLength > reply.Length ? FrameDecode.Malformed("the data is longer than the file") : decode;
    }

    /// <summary>Decodes the body of a read-file request.</summary>
    public static FrameDecode ReadReadFile(in FrameHeader header, ReadOnlySpan<byte> body, out ReadFileRequest request)
    {
        request = default;
        FrameDecode cut = CutBody(header, PageChannelOpcode.ReadFile, ReadFileRequest.FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        uint length = ReadUInt32LittleEndian(body);
        ReadOnlySpan<byte> path = body[ReadFileRequest.FixedSize..];
        string? broken = length > PageChannelProtocol.MaxReadLength ? "the read is longer than 16 MiB"
            : ReadUInt16LittleEndian(body[6..]) != 0 ? "a reserved byte is not 0"
            : path.IsEmpty ? "the path is empty"
            : BadPath(path, ReadUInt16LittleEndian(body[4..]));
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        request = new ReadFileRequest { Flags = (ReadFlags)header.Flags, MaxLength = (int)length, Path = path };
        return FrameDecode.Ok;
    }

    /// <summary>Decodes the body of a read request.</summary>
    public static FrameDecode ReadRead(in FrameHeader header, ReadOnlySpan<byte> body, out ReadRequest request)
    {
        request = default;
        FrameDecode cut = CutBody(header, PageChannelOpcode.Read, ReadRequest.FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        long offset = ReadInt64LittleEndian(body[24..]);
        uint length = ReadUInt32LittleEndian(body[32..]);
        ReadOnlySpan<byte> path = body[ReadRequest.FixedSize..];
        string? broken = offset < 0 ? "the offset is negative"
            : length > PageChannelProtocol.MaxReadLength ? "the read is longer than 16 MiB"
            : length > long.MaxValue - offset ? "the end of the read overflows"
            : ReadUInt16LittleEndian(body[38..]) != 0 ? "a reserved byte is not 0"
            : BadPath(path, ReadUInt16LittleEndian(body[36..]));
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        request = new ReadRequest
        {
            Flags = (ReadFlags)header.Flags,
            File = FileId.Read(body),
            Version = new FileVersion(ReadUInt64LittleEndian(body[16..])),
            Offset = offset,
            Length = (int)length,
            Path = path,
        };
        return FrameDecode.Ok;
    }

    /// <summary>Decodes the body of a locate request.</summary>
    public static FrameDecode ReadLocate(in FrameHeader header, ReadOnlySpan<byte> body, out LocateRequest request)
    {
        request = default;
        FrameDecode cut = CutBody(header, PageChannelOpcode.Locate, LocateRequest.FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        long offset = ReadInt64LittleEndian(body[24..]);
        uint length = ReadUInt32LittleEndian(body[32..]);
        (FileId file, var version) = (FileId.Read(body), new FileVersion(ReadUInt64LittleEndian(body[16..])));
        ReadOnlySpan<byte> path = body[LocateRequest.FixedSize..];
        string? broken = offset < 0 ? "the offset is negative"
            : length > PageChannelProtocol.MaxReadLength ? "the read is longer than 16 MiB"
            : length + LocateRequest.MaxAhead > long.MaxValue - offset ? "the end of the read overflows"
            : version == FileVersion.None && (path.IsEmpty || file != default) ? "neither a version nor a path alone is named"
            : BadPath(path, ReadUInt16LittleEndian(body[36..]));
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        long ahead = (long)ReadUInt16LittleEndian(body[38..]) * LocateRequest.AheadStep;
        request = new LocateRequest { File = file, Version = version, Offset = offset, Length = (int)length, Ahead = ahead, Path = path };
        return FrameDecode.Ok;
    }

    /// <summary>Decodes the metadata at the start of an Ok locate reply; the locations follow it.</summary>
    /// <param name="header">The header.</param>
    /// <param name="body">The bytes after it, at least <see cref="StatReply.FixedSize"/>; the locations need not be there yet.</param>
    /// <param name="reply">The metadata.</param>
    /// <param name="dataLength">Bytes of locations that follow the metadata; see <see cref="PageLocation.TryRead"/>.</param>
    public static FrameDecode ReadLocateReplyHead(in FrameHeader header, ReadOnlySpan<byte> body, out StatReply reply, out int dataLength)
    {
        (reply, dataLength) = (default, 0);
        if (header.Opcode != PageChannelOpcode.LocateReply || header.IsError || header.BodyLength < StatReply.FixedSize)
        {
            return FrameDecode.Malformed("the header does not announce this body");
        }

        if (body.Length < StatReply.FixedSize)
        {
            return FrameDecode.NeedMore(StatReply.FixedSize);
        }

        dataLength = header.BodyLength - StatReply.FixedSize;
        return dataLength % PageLocation.Size != 0 ? FrameDecode.Malformed("a location is cut") : ReadStatBody(body, out reply);
    }

    /// <summary>Decodes the body of an Ok same-host reply; of a failed one see <see cref="ReadMessage"/>.</summary>
    public static FrameDecode ReadSameHostReply(ReadOnlySpan<byte> body, out SameHostReply reply)
    {
        reply = default;
        if (body.Length < SameHostReply.FixedSize)
        {
            return FrameDecode.NeedMore(SameHostReply.FixedSize);
        }

        ReadOnlySpan<byte> path = body[SameHostReply.FixedSize..];
        ulong prefix = ReadUInt64LittleEndian(body[32..]);
        string? broken = prefix >> 16 != 0 ? "a reserved byte is not 0"
            : path.IsEmpty ? "the path is empty"
            : path.Length > SameHostReply.MaxPathBytes ? "the path is too long"
            : BadPath(path, (int)prefix);
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        reply = new SameHostReply { Ticket = body[..SameHostReply.KeySize], BootId = body.Slice(SameHostReply.KeySize, SameHostReply.KeySize), Path = path };
        return FrameDecode.Ok;
    }

    /// <summary>Decodes the body of a known request. The records of its reply: <see cref="KnownRecord.TryRead"/>.</summary>
    public static FrameDecode ReadKnown(in FrameHeader header, ReadOnlySpan<byte> body, out KnownRequest request)
    {
        request = default;
        FrameDecode cut = CutBody(header, PageChannelOpcode.Known, KnownRequest.FixedSize, ref body);
        if (!cut.IsOk)
        {
            return cut;
        }

        var flags = (KnownFlags)header.Flags;
        bool isOwned = flags.HasFlag(KnownFlags.Owned);
        FileId from = FileId.Read(body);
        ulong prefix = ReadUInt64LittleEndian(body[FileId.Size..]);
        ReadOnlySpan<byte> name = body[KnownRequest.FixedSize..];
        string? broken = !KnownRequest.FlagsAreValid(flags) ? "leaving is said of one file"
            : prefix >> 16 != 0 ? "a reserved byte is not 0"
            : name.IsEmpty ? "the name is empty"
            : !isOwned && from != default ? "one path and a file id are named"
            : isOwned && name.Length > PageChannelProtocol.MaxWorkerIdBytes ? "the worker id is too long"
            : isOwned && !System.Text.Ascii.IsValid(name) ? "the worker id is not ASCII"
            : flags != KnownFlags.Held ? BadPath(name, (int)prefix)
            : name.Length != (int)prefix ? "the lengths in the body do not add up"
            : name.Length % FileId.Size != 0 ? "a file id is cut off"
            : null;
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        request = new KnownRequest { Flags = flags, From = from, Name = name };
        return FrameDecode.Ok;
    }

    /// <summary>Decodes the message of a failed reply or of a goodbye.</summary>
    /// <param name="header">The header.</param>
    /// <param name="body">The bytes after it.</param>
    /// <param name="message">UTF-8, at most <see cref="PageChannelProtocol.MaxMessageBytes"/> bytes; may be empty.</param>
    public static FrameDecode ReadMessage(in FrameHeader header, ReadOnlySpan<byte> body, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (header.Opcode != PageChannelOpcode.Goodbye && !(FrameRules.IsReply(header.Opcode) && header.IsError))
        {
            return FrameDecode.Malformed("the frame has no message");
        }

        if (body.Length < header.BodyLength)
        {
            return FrameDecode.NeedMore(header.BodyLength);
        }

        if (!Utf8.IsValid(body[..header.BodyLength]))
        {
            return FrameDecode.Malformed("the message is not UTF-8");
        }

        message = body[..header.BodyLength];
        return FrameDecode.Ok;
    }

    private static FrameDecode ReadStatBody(ReadOnlySpan<byte> body, out StatReply reply)
    {
        reply = default;
        long length = ReadInt64LittleEndian(body[24..]);
        long modified = ReadInt64LittleEndian(body[32..]), loaded = ReadInt64LittleEndian(body[40..]);
        uint fetchSize = ReadUInt32LittleEndian(body[48..]);
        uint kind = ReadUInt32LittleEndian(body[52..]);
        string? broken = length < 0 ? "the length is negative"
            : (ulong)modified > (ulong)DateTime.MaxValue.Ticks || (ulong)loaded > (ulong)DateTime.MaxValue.Ticks ? "a time is out of range"
            : fetchSize != 0 && (fetchSize > int.MaxValue || !FetchGeometry.IsValid((int)fetchSize)) ? "the fetch size is out of range"
            : kind > (uint)FileKind.Directory ? "the file kind is unknown" : null;
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        reply = new StatReply(
            FileId.Read(body),
            new FileVersion(ReadUInt64LittleEndian(body[16..])),
            (FileKind)kind,
            length,
            new DateTimeOffset(modified, TimeSpan.Zero),
            new DateTimeOffset(loaded, TimeSpan.Zero),
            (int)fetchSize);
        return FrameDecode.Ok;
    }

    private static FrameDecode ReadHeader(ReadOnlySpan<byte> source, FrameRules.Way direction, int maxReadLength, out FrameHeader header)
    {
        header = default;
        if (source.Length < FrameHeader.Size)
        {
            return FrameDecode.NeedMore(FrameHeader.Size);
        }

        uint length = ReadUInt32LittleEndian(source);
        var opcode = (PageChannelOpcode)source[4];
        var status = (PageChannelStatus)source[5];
        ushort flags = ReadUInt16LittleEndian(source[6..]);
        long membership = ReadInt64LittleEndian(source[16..]);
        bool isError = status != PageChannelStatus.Ok;
        if (!FrameRules.TryGet(opcode, isError, maxReadLength, out FrameRules rules))
        {
            return FrameDecode.Malformed("the opcode is unknown");
        }

        int extra = rules.MayBeTraced && (flags & TraceField.Flag) != 0 ? TraceField.Size : 0;
        string? broken = rules.Direction != FrameRules.Way.Both && rules.Direction != direction ? "the frame goes the wrong way"
            : length < rules.MinBody + extra || length > rules.MaxBody + extra ? "the body length is out of the opcode's range"
            : (flags & ~(extra > 0 ? rules.AllowedFlags | TraceField.Flag : rules.AllowedFlags)) != 0 ? "a flag is unknown"
            : membership < 0 ? "the membership version is negative"
            : isError && opcode != PageChannelOpcode.Goodbye && !FrameRules.IsReply(opcode) ? "the frame has no status"
            : null;
        if (broken is not null)
        {
            return FrameDecode.Malformed(broken);
        }

        header = new FrameHeader((int)length, opcode, status, flags, ReadUInt64LittleEndian(source[8..]), membership);
        return FrameDecode.Ok;
    }

    /// <summary>Checks that the body is whole and of the opcode, and cuts off what follows it.</summary>
    internal static FrameDecode CutBody(in FrameHeader header, PageChannelOpcode opcode, int fixedSize, ref ReadOnlySpan<byte> body)
    {
        if (header.Opcode != opcode || header.IsError || header.BodyLength < fixedSize)
        {
            return FrameDecode.Malformed("the header does not announce this body");
        }

        if (body.Length < header.BodyLength)
        {
            return FrameDecode.NeedMore(header.BodyLength);
        }

        body = body[..header.BodyLength];
        return FrameDecode.Ok;
    }

    private static string? BadLimits(uint maxReadLength, uint maxInFlight) =>
        maxReadLength is 0 or > PageChannelProtocol.MaxReadLength ? "the read length limit is out of range"
        : maxInFlight is 0 or > PageChannelProtocol.MaxInFlight ? "the in-flight limit is out of range"
        : null;

    private static string? BadTexts(ReadOnlySpan<byte> texts, int cluster, int worker, int token) =>
        cluster > PageChannelProtocol.MaxClusterIdBytes ? "the cluster id is too long"
        : worker > PageChannelProtocol.MaxWorkerIdBytes ? "the worker id is too long"
        : token > PageChannelProtocol.MaxTokenBytes ? "the token is too long"
        : texts.Length != cluster + worker + token ? "the lengths in the body do not add up"
        : !Utf8.IsValid(texts[..cluster]) ? "the cluster id is not UTF-8"
        : !System.Text.Ascii.IsValid(texts.Slice(cluster, worker)) ? "the worker id is not ASCII"
        : null;

    private static string? BadPath(ReadOnlySpan<byte> path, int announced) =>
        path.Length != announced ? "the lengths in the body do not add up"
        : path.Length > PageChannelProtocol.MaxPathBytes ? "the path is too long"
        : !Utf8.IsValid(path) ? "the path is not UTF-8"
        : null;
}
