using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>
/// The answers to warm small requests that one receive brought, made on the thread that received them and sent in one piece: no hand-over, no lock and
/// no allocation per request. What is not warm, or not small, is left to the request slots.
/// </summary>
/// <param name="handler">Answers.</param>
/// <param name="executor">Where buffers come from and are counted.</param>
/// <param name="lent">Sends longer ones without a copy; <see langword="null"/>: they are copied.</param>
internal sealed class WarmAnswers(IPageRequestHandler handler, RequestExecutor executor, LentReplies? lent = null)
{
    /// <summary>The most data of one such answer: beyond it, reading and sending at the same time on several threads is worth a hand-over.</summary>
    public const int MaxData = 128 * 1024;

    // What has gathered is sent when it reaches this much: more in one piece saves nothing and leaves the processor's cache.
    private const int FullBytes = 64 * 1024;
    private const int BufferBytes = 256 * 1024;

    private byte[]? _buffer;
    private int _length;
    private bool _areFilesLong;

    /// <summary>Whether it should be sent before another request is looked at.</summary>
    public bool IsFull => _length >= FullBytes || HasRest;

    /// <summary>Whether a part of an answer waits for <see cref="SendRestAsync"/>.</summary>
    public bool HasRest => lent is { HasRest: true };

    /// <summary>Whether, since it was last set to false, an answer was made that took longer than a poll.</summary>
    public bool HadLong { get; set; }

    /// <summary>Answers a request on the spot.</summary>
    /// <returns><see langword="false"/>: it is not answered, in no way.</returns>
    public bool TryAdd(in FrameHeader header, ReadOnlySpan<byte> body) => header.Opcode switch
    {
        PageChannelOpcode.Read => TryAddRead(header, body),
        PageChannelOpcode.ReadFile => TryAddFile(header, body),
        PageChannelOpcode.Locate => TryAddLocations(header, body),
        PageChannelOpcode.Stat => TryAddStat(header, body),
        _ => false,
    };

    /// <summary>Sends the rest of an answer. The task ends when it is sent.</summary>
    public ValueTask SendRestAsync() => lent!.SendRestAsync();

    /// <summary>Takes what has gathered.</summary>
    /// <returns><see langword="false"/>: nothing has.</returns>
    public bool TryTake(out QueuedReply batch)
    {
        batch = default;
        if (_length == 0)
        {
            return false;
        }

        batch = new QueuedReply(_buffer!, _length, FrameHeader.Size + BufferBytes, IsCounted: false);
        (_buffer, _length) = (null, 0);
        return true;
    }

    private bool TryAddRead(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (!FrameReader.ReadRead(header, body, out ReadRequest request).IsOk || request.Length > executor.MaxReadLength || (request.Length > MaxData && lent is null) || !HasBuffer())
        {
            return false;
        }

        if (request.Length >= LentReplies.Least && lent is not null && lent.TryRead(request, header.RequestId, _buffer, _length))
        {
            NoteSent(request.Length);
            return true;
        }

        if (request.Length > MaxData)
        {
            GiveBackIfEmpty();
            return false;
        }

        Span<byte> target = _buffer.AsSpan(_length);
        if (!handler.TryReadWarm(request, target.Slice(FrameHeader.Size, request.Length), out ReadOutcome outcome))
        {
            GiveBackIfEmpty();
            return false;
        }

        _length += FrameWriter.WriteReadReplyHeader(target, header.RequestId, outcome.MembershipVersion, outcome.Flags, outcome.Bytes) + outcome.Bytes;
        return true;
    }

    private bool TryAddFile(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        const int Head = FrameHeader.Size + StatReply.FixedSize;
        if (!FrameReader.ReadReadFile(header, body, out ReadFileRequest request).IsOk || !HasBuffer())
        {
            return false;
        }

        bool mayBeLong = request.MaxLength >= LentReplies.Least && request.MaxLength <= executor.MaxReadLength;
        if (_areFilesLong && mayBeLong && lent is not null && lent.TryReadFile(request, header.RequestId, _buffer, _length, out int bytes))
        {
            NoteSent(bytes);
            return true;
        }

        Span<byte> target = _buffer.AsSpan(_length);
        if (request.MaxLength > executor.MaxReadLength || !handler.TryReadFileWarm(request, target.Slice(Head, MaxData), out WarmFileOutcome outcome))
        {
            // Perhaps it was too long.
            _areFilesLong = mayBeLong;
            GiveBackIfEmpty();
            return false;
        }

        // As this file, so the next: whether one is long is seen after the look for it, and short ones must not be looked for twice.
        _areFilesLong = outcome.Bytes >= LentReplies.Least;
        _length += FrameWriter.WriteReadFileReplyHead(
            target, header.RequestId, outcome.MembershipVersion, ReplyFlags.None, outcome.Stat, outcome.Bytes) + outcome.Bytes;
        return true;
    }

    private bool TryAddStat(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (!FrameReader.ReadStat(header, body, out StatRequest request).IsOk || !handler.TryStatWarm(request, out StatOutcome outcome) || !HasBuffer())
        {
            return false;
        }

        Span<byte> target = _buffer.AsSpan(_length);
        _length += outcome.Status == PageChannelStatus.Ok
            ? FrameWriter.WriteStatReply(target, header.RequestId, outcome.MembershipVersion, outcome.Flags, outcome.Reply)
            : FrameWriter.WriteError(target, PageChannelOpcode.StatReply, header.RequestId, outcome.MembershipVersion, outcome.Status, outcome.Message);
        return true;
    }

    private bool TryAddLocations(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        Span<PageLocation> locations = stackalloc PageLocation[PageLocation.MaxInReply];
        if (!FrameReader.ReadLocate(header, body, out LocateRequest request).IsOk || !HasBuffer())
        {
            return false;
        }

        if (!handler.TryLocateWarm(request, locations, out LocateOutcome outcome))
        {
            GiveBackIfEmpty();
            return false;
        }

        _length += FrameWriter.WriteLocateReply(
            _buffer.AsSpan(_length), header.RequestId, outcome.MembershipVersion, outcome.Stat, locations[..outcome.Count]);
        return true;
    }

    /// <summary>What had gathered was sent with it.</summary>
    private void NoteSent(int bytes)
    {
        HadLong |= bytes > MaxData;
        _length = 0;
        GiveBackIfEmpty();
    }

    private bool HasBuffer() => (_buffer ??= executor.TryRentBatch(BufferBytes)) is not null;

    /// <summary>A connection that only reads what is not warm holds no buffer for it.</summary>
    private void GiveBackIfEmpty()
    {
        if (_length == 0)
        {
            executor.Release(new QueuedReply(_buffer!, 0, FrameHeader.Size + BufferBytes, IsCounted: false));
            _buffer = null;
        }
    }
}
