using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Client;

/// <summary>What a worker granted to a connection.</summary>
/// <param name="MaxReadLength">Most bytes of one read.</param>
/// <param name="MaxInFlight">Most requests in flight.</param>
/// <param name="Version">The protocol version.</param>
internal readonly record struct GrantedLimits(int MaxReadLength, int MaxInFlight, ushort Version = PageChannelProtocol.MaxVersion);
