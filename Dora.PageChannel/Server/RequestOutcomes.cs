using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>What a stat request is answered with.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="MembershipVersion">The membership version it was judged by.</param>
/// <param name="Message">One line when the status is not Ok.</param>
/// <param name="Reply">Set when the status is Ok.</param>
/// <param name="Flags">Where the answer came from.</param>
internal readonly record struct StatOutcome(
    PageChannelStatus Status, long MembershipVersion, string? Message, StatReply Reply = default, ReplyFlags Flags = ReplyFlags.None);

/// <summary>What a read request is answered with.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="MembershipVersion">The membership version it was judged by.</param>
/// <param name="Message">One line when the status is not Ok.</param>
/// <param name="Bytes">Bytes read, when the status is Ok.</param>
/// <param name="Flags">Where the bytes came from.</param>
internal readonly record struct ReadOutcome(
    PageChannelStatus Status, long MembershipVersion, string? Message, int Bytes = 0, ReplyFlags Flags = ReplyFlags.None);

/// <summary>What a warm file is answered with, before its bytes.</summary>
/// <param name="MembershipVersion">The membership version it was judged by.</param>
/// <param name="Stat">The file.</param>
/// <param name="Bytes">Bytes read.</param>
internal readonly record struct WarmFileOutcome(long MembershipVersion, StatReply Stat, int Bytes);

/// <summary>What a locate request is answered with.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="MembershipVersion">The membership version it was judged by.</param>
/// <param name="Message">One line when the status is not Ok.</param>
/// <param name="Stat">The file, when the status is Ok.</param>
/// <param name="Count">How many pieces of it lie where.</param>
internal readonly record struct LocateOutcome(PageChannelStatus Status, long MembershipVersion, string? Message, StatReply Stat = default, int Count = 0);

/// <summary>A locate request out of its frame.</summary>
/// <param name="File">The file.</param>
/// <param name="Version">The version the reader is pinned to; none: what is at the path.</param>
/// <param name="Range">Bytes that are going to be read.</param>
/// <param name="Ahead">Bytes behind them.</param>
/// <param name="Path">The Dora path in UTF-8; may be empty when the version is known.</param>
internal readonly record struct LocateArguments(FileId File, FileVersion Version, ByteRange Range, long Ahead, ReadOnlyMemory<byte> Path);

/// <summary>A read request out of its frame. The path stays in UTF-8: the warm path never looks at it.</summary>
/// <param name="File">The file.</param>
/// <param name="Version">The version the reader is pinned to.</param>
/// <param name="Range">The bytes wanted.</param>
/// <param name="Flags">How to answer.</param>
/// <param name="Path">The Dora path in UTF-8; may be empty.</param>
internal readonly record struct ReadArguments(FileId File, FileVersion Version, ByteRange Range, ReadFlags Flags, ReadOnlyMemory<byte> Path);

/// <summary>A known request out of its frame.</summary>
/// <param name="Flags">What is asked for.</param>
/// <param name="From">The first file id that may be told.</param>
/// <param name="Name">The UFS path, or the id of the worker that asks, in UTF-8.</param>
internal readonly record struct KnownArguments(KnownFlags Flags, FileId From, ReadOnlyMemory<byte> Name);

/// <summary>A list request out of its frame.</summary>
/// <param name="Flags">How to answer.</param>
/// <param name="Limit">Most entries wanted.</param>
/// <param name="Path">The directory's Dora path in UTF-8.</param>
/// <param name="Continuation">Where the page begins, in UTF-8; empty: the first page.</param>
internal readonly record struct ListArguments(ListFlags Flags, int Limit, ReadOnlyMemory<byte> Path, ReadOnlyMemory<byte> Continuation);

/// <summary>What a view request is answered with.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="MembershipVersion">The membership version of the view.</param>
/// <param name="Message">One line when the status is not Ok.</param>
/// <param name="Body">The body of the reply when the status is Ok, see <see cref="ViewBody"/>; not written to.</param>
internal readonly record struct ViewOutcome(PageChannelStatus Status, long MembershipVersion, string? Message, ReadOnlyMemory<byte> Body = default);
