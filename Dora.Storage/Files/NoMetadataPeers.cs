namespace Dora.Storage.Files;

/// <summary>No other workers.</summary>
public sealed class NoMetadataPeers : IMetadataPeers
{
    private NoMetadataPeers()
    {
    }

    /// <summary>The only one.</summary>
    public static NoMetadataPeers Instance { get; } = new();

    /// <inheritdoc/>
    public ValueTask<FileMetadata?> FindAsync(MountedPath path, FileId file, CancellationToken cancellationToken) => new((FileMetadata?)null);
}
