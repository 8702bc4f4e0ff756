using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Silo.Peers;

/// <summary>What is asked of other workers for one fetch, and since when.</summary>
/// <param name="File">The file.</param>
/// <param name="Range">The bytes.</param>
/// <param name="Path">The Dora path in UTF-8; empty when it has none now.</param>
/// <param name="MembershipVersion">The cluster they are chosen by.</param>
/// <param name="StartedAt">When it began, as a timestamp.</param>
/// <param name="IsMove">Whether the owner asks those before it; else a stand-in asks the owner.</param>
internal readonly record struct PeerQuestion(
    FileMetadata File, ByteRange Range, ReadOnlyMemory<byte> Path, long MembershipVersion, long StartedAt, bool IsMove)
{
    /// <summary>The request for a part of it.</summary>
    /// <param name="done">Bytes that are here already.</param>
    /// <param name="destination">Where the next ones go.</param>
    public ChannelRequest For(int done, Memory<byte> destination) =>
        new(PageChannelOpcode.Read, Path, (ushort)ReadFlags.CachedOnly, File.Id, File.Version, Range.Offset + done, destination);
}
