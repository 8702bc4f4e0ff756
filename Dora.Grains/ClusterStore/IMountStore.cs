namespace Dora.Grains.ClusterStore;

/// <summary>The mount table as the whole cluster has it. Safe for concurrent use from any number of workers.</summary>
internal interface IMountStore
{
    /// <summary>The version of the stored table; 0 for a new cluster. Cheap: polled by every worker.</summary>
    ValueTask<long> ReadVersionAsync(CancellationToken cancellationToken);

    /// <summary>The stored table.</summary>
    ValueTask<MountTable> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the stored table whole.</summary>
    /// <param name="table">The new table; its version is one more than that of the table it was made from.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns><see langword="false"/> when somebody else changed the stored table meanwhile: read again and decide again.</returns>
    ValueTask<bool> TryReplaceAsync(MountTable table, CancellationToken cancellationToken);
}
