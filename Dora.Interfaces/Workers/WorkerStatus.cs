namespace Dora.Interfaces;

/// <summary>What a worker holds and how it fares. Counters run from the worker's start.</summary>
[GenerateSerializer, Immutable, Alias("Dora.WorkerStatus")]
public sealed record WorkerStatus
{
    /// <summary>The stable worker id.</summary>
    [Id(0)] public required string WorkerId { get; init; }

    /// <summary>When the process started, UTC.</summary>
    [Id(1)] public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Operating-system process id.</summary>
    [Id(2)] public required int ProcessId { get; init; }

    /// <summary>Dora's version.</summary>
    [Id(3)] public required string Version { get; init; }

    /// <summary>Entries of metadata, of files of other owners too: an estimate of the metadata store, only for trends.</summary>
    [Id(4)] public required long Files { get; init; }

    /// <summary>Pages with at least one byte cached.</summary>
    [Id(5)] public required long Pages { get; init; }

    /// <summary>Bytes of disk the page store uses.</summary>
    [Id(6)] public required long PageBytes { get; init; }

    /// <summary>The cap on <see cref="PageBytes"/>.</summary>
    [Id(7)] public required long PageCapacityBytes { get; init; }

    /// <summary>Reads served from cached pages alone.</summary>
    [Id(8)] public required long PageHits { get; init; }

    /// <summary>Reads that needed the store.</summary>
    [Id(9)] public required long PageMisses { get; init; }

    /// <summary>Bytes read from under stores.</summary>
    [Id(10)] public required long StoreBytes { get; init; }

    /// <summary>Damaged page records dropped.</summary>
    [Id(11)] public required long DamagedPages { get; init; }

    /// <summary>File-grain activations on this worker.</summary>
    [Id(12)] public required long FileGrains { get; init; }

    /// <summary>Working set of the process in bytes.</summary>
    [Id(13)] public required long WorkingSetBytes { get; init; }

    /// <summary>Open page-channel connections.</summary>
    [Id(14)] public required int PageConnections { get; init; }

    /// <summary>Bytes that came from other workers' caches instead of the under stores.</summary>
    [Id(15)] public required long PeerBytes { get; init; }

    /// <summary>Processes of the worker's host that read pages from its files.</summary>
    [Id(16)] public int SameHostClients { get; init; }
}
