namespace Dora.Client.PageChannel;

/// <summary>What a worker granted to a connection.</summary>
/// <param name="MaxReadLength">Most bytes of one read.</param>
/// <param name="MaxInFlight">Most requests in flight.</param>
internal readonly record struct GrantedLimits(int MaxReadLength, int MaxInFlight);
