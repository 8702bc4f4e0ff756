namespace Orleans.Runtime;

/// <summary>
/// The local silo's part in the membership table: its own status, the votes on others, and the refreshed snapshot. The failure detector (probes, IAmAlive, table refresh)
/// drives it as a lifecycle participant.
/// </summary>
internal interface IMembershipOracle : IClusterMembershipService
{
    /// <summary>The rows behind the current snapshot.</summary>
    IReadOnlyList<MembershipEntry> CurrentEntries { get; }

    /// <summary>
    /// Votes that a silo is dead; declares it dead with the last vote needed. Votes needed = min(NumVotesForDeathDeclaration, (active non-stale silos + 1) / 2); votes older than
    /// DeathVoteExpirationTimeout do not count. True when the silo is dead now.
    /// </summary>
    Task<bool> SuspectAsync(SiloAddress silo, CancellationToken cancellationToken = default);

    /// <summary>Writes the local silo's time stamp.</summary>
    Task PublishIAmAliveAsync();

    /// <summary>Calls <c>membership</c> on the other silos so that they refresh.</summary>
    void Gossip();
}
