namespace Dora.Storage.Files;

/// <summary>How a worker fetches what is not cached.</summary>
public sealed record FileReaderOptions
{
    /// <summary>
    /// The most memory in bytes that fetches in flight hold together, from the request to the store until the last waiter has its copy. A fetch that
    /// does not fit waits its turn. Default: 64 MiB.
    /// </summary>
    public long MaxInFlightBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// The largest request to a store in bytes; longer ranges become several. Rounded up to a page where pages are larger. Default: 4 MiB, which keeps
    /// object stores efficient without making the first byte wait.
    /// </summary>
    public int MaxRequestBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many requests one read or load has in flight at most. Default: 4.</summary>
    public int ParallelRequests { get; init; } = 4;

    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>.</exception>
    internal void Validate()
    {
        if (MaxInFlightBytes < PageGeometry.ExtentGrid || MaxRequestBytes < PageGeometry.ExtentGrid || ParallelRequests < 1)
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"file reader: {nameof(MaxInFlightBytes)} ({MaxInFlightBytes}) and {nameof(MaxRequestBytes)} ({MaxRequestBytes}) must be at least "
                + $"{PageGeometry.ExtentGrid}, {nameof(ParallelRequests)} ({ParallelRequests}) at least 1");
        }
    }
}
