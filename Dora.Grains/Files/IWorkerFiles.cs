using Dora.Interfaces;
using Dora.Storage.Files;

namespace Dora.Grains.Files;

/// <summary>This worker's door to files by path: what is there, and what is in a directory. All doors of a worker give its answers, so that none decides by itself what a path means.</summary>
internal interface IWorkerFiles
{
    /// <summary>Tells what is at a path: fresh by the mount's rule, or from the under store.</summary>
    /// <param name="target">The path and who asks.</param>
    /// <param name="refresh">Ask the under store even when what is remembered is fresh.</param>
    /// <param name="cancellationToken">Cancels the caller's wait.</param>
    ValueTask<FileAnswer> StatAsync(RequestedPath target, bool refresh, CancellationToken cancellationToken);

    /// <summary>Lists a directory, a page at a time: what the store has and the mounts below.</summary>
    /// <param name="target">The directory and who asks.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/>: the start.</param>
    /// <param name="limit">The most entries, but for mounts right below the directory.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ListReply> ListAsync(RequestedPath target, string? continuation, int limit, CancellationToken cancellationToken);
}
