using System.Diagnostics;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Client;

/// <summary>What memory the bytes of a file come in.</summary>
internal enum ReplyMemory
{
    /// <summary>The caller's.</summary>
    Caller,

    /// <summary>Rented from <see cref="ReplyBuffers"/>, for the bytes that come: the caller gives it back.</summary>
    Rented,

    /// <summary>An array for the whole file.</summary>
    Exact,
}

/// <summary>What is asked by a list or view request; apart, so that the requests of every read are no larger for it.</summary>
/// <param name="Limit">Of a list request: most entries wanted.</param>
/// <param name="Continuation">Of a list request: where the page begins, in UTF-8; empty: the first page.</param>
/// <param name="View">Of a view request: what is known, and how long the answer may wait.</param>
internal sealed record ControlArguments(int Limit = 0, ReadOnlyMemory<byte> Continuation = default, ViewRequest View = default);

/// <summary>What is asked of a worker.</summary>
/// <param name="Opcode">What kind of request.</param>
/// <param name="Path">The Dora path in UTF-8. Of a known request: the name that it asks by, or file ids.</param>
/// <param name="Flags">The flags of the opcode.</param>
/// <param name="File">Of a read: the file. Of a known request: the first that may be told.</param>
/// <param name="Version">Of a read: the version it is pinned to.</param>
/// <param name="Offset">Of a read: first byte.</param>
/// <param name="Destination">
/// Of a read or read-file: where the bytes go; its length is what is asked for. Of a known request: where the body of the reply goes, <see cref="KnownRecord.MaxReply"/> bytes.
/// </param>
/// <param name="Late">Told once when the request has taken <paramref name="LateAfter"/>; null: nobody.</param>
/// <param name="LateAfter">When it is late.</param>
/// <param name="SilentAfter">When to give it up if the worker shows no sign of life either; zero: not before its timeout.</param>
/// <param name="MaxLength">
/// Of a read or read-file without a destination: most bytes wanted. They come in memory made for them, see <see cref="Memory"/>. Of a locate: bytes to be read. Of a list or view request: the
/// most bytes of the body.
/// </param>
/// <param name="Memory">Of a read or read-file without a destination, a list or a view request: what memory the bytes come in.</param>
/// <param name="Ahead">Of a locate: bytes behind those to be read.</param>
/// <param name="Control">Of a list or view request: what is asked.</param>
/// <param name="Trace">The span that it belongs to when somebody records one, and the worker is new enough to be told; set by who sends it.</param>
internal readonly record struct ChannelRequest(
    PageChannelOpcode Opcode,
    ReadOnlyMemory<byte> Path,
    ushort Flags = 0,
    FileId File = default,
    FileVersion Version = default,
    long Offset = 0,
    Memory<byte> Destination = default,
    ILateRequests? Late = null,
    TimeSpan LateAfter = default,
    TimeSpan SilentAfter = default,
    int MaxLength = 0,
    ReplyMemory Memory = ReplyMemory.Caller,
    long Ahead = 0,
    ControlArguments? Control = null,
    Activity? Trace = null)
{
    /// <summary>Are you there.</summary>
    public static ChannelRequest Ping => new(PageChannelOpcode.Ping, ReadOnlyMemory<byte>.Empty);

    /// <summary>Most bytes of data wanted. None of a known, list or view request: their replies have limits of their own.</summary>
    public int Wanted => Opcode is PageChannelOpcode.Known or PageChannelOpcode.List or PageChannelOpcode.View ? 0 : Memory == ReplyMemory.Caller ? Destination.Length : MaxLength;

    /// <summary>Whether its time tells nothing of the worker: it is that of a change, or of a directory's size.</summary>
    public bool TakesItsTime => Opcode is PageChannelOpcode.List or PageChannelOpcode.View;

    /// <summary>Whether it waits for a change, and so for nothing while there is none.</summary>
    public bool IsParked => Control is { View.Wait.Ticks: > 0 };

    /// <summary>The same request for fewer bytes.</summary>
    public ChannelRequest Cut(int bytes) => Memory == ReplyMemory.Caller ? this with { Destination = Destination[..bytes] } : this with { MaxLength = bytes };

    /// <summary>Writes the frame.</summary>
    public int Write(Span<byte> destination, ulong id, long membershipVersion)
    {
        int length = WriteUntraced(destination, id, membershipVersion);
        return Trace is { } span ? TraceField.Append(destination, length, span.Context) : length;
    }

    private int WriteUntraced(Span<byte> destination, ulong id, long membershipVersion) => Opcode switch
    {
        PageChannelOpcode.Stat => FrameWriter.WriteStat(
            destination, id, membershipVersion, new StatRequest { Flags = (StatFlags)Flags, Path = Path.Span }),
        PageChannelOpcode.Read => FrameWriter.WriteRead(
            destination,
            id,
            membershipVersion,
            new ReadRequest { Flags = (ReadFlags)Flags, File = File, Version = Version, Offset = Offset, Length = Wanted, Path = Path.Span }),
        PageChannelOpcode.ReadFile => FrameWriter.WriteReadFile(
            destination,
            id,
            membershipVersion,
            new ReadFileRequest { Flags = (ReadFlags)Flags, MaxLength = Wanted, Path = Path.Span }),
        PageChannelOpcode.Locate => FrameWriter.WriteLocate(
            destination,
            id,
            membershipVersion,
            new LocateRequest { File = File, Version = Version, Offset = Offset, Length = MaxLength, Ahead = Ahead, Path = Path.Span }),
        PageChannelOpcode.Known => FrameWriter.WriteKnown(
            destination, id, membershipVersion, new KnownRequest { Flags = (KnownFlags)Flags, From = File, Name = Path.Span }),
        PageChannelOpcode.List => new ListRequest { Flags = (ListFlags)Flags, Limit = Control!.Limit, Path = Path.Span, Continuation = Control.Continuation.Span }
            .Write(destination, id, membershipVersion),
        PageChannelOpcode.View => Control!.View.Write(destination, id, membershipVersion),
        PageChannelOpcode.SameHost => FrameWriter.WriteSameHost(destination, id, membershipVersion),
        _ => FrameWriter.WritePing(destination, id, membershipVersion),
    };
}
