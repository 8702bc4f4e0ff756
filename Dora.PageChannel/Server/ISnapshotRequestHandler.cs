using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>Answers read-file requests for files that change faster than a stat and a read can follow each other.</summary>
internal interface ISnapshotRequestHandler
{
    /// <summary>Reads a whole file in one look at the store.</summary>
    /// <param name="path">The Dora path.</param>
    /// <param name="flags">How to answer.</param>
    /// <param name="destination">Receives the bytes; worthless unless the status is Ok.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns><see cref="PageChannelStatus.VersionChanged"/>: the file is longer than the memory, or the store cannot do that.</returns>
    ValueTask<StatOutcome> ReadSnapshotAsync(string path, ReadFlags flags, Memory<byte> destination, CancellationToken cancellationToken);
}
