namespace Dora.Storage.Files;

/// <summary>No other workers.</summary>
public sealed class NoPagePeers : IPagePeers
{
    private NoPagePeers()
    {
    }

    /// <summary>The only one.</summary>
    public static NoPagePeers Instance { get; } = new();

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(FileMetadata file, ByteRange range, Memory<byte> destination, CancellationToken cancellationToken) => new(0);
}
