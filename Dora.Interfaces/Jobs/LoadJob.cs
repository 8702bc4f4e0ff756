namespace Dora.Interfaces;

/// <summary>What to load.</summary>
/// <param name="Path">A file or directory.</param>
/// <param name="Parallelism">Files loaded at the same time, 1 to 256; 0 asks for 16.</param>
[GenerateSerializer, Immutable, Alias("Dora.LoadJobSpec")]
public sealed record LoadJobSpec([property: Id(0)] string Path, [property: Id(1)] int Parallelism)
{
    /// <summary>
    /// Whether symbolic links below the path are left out. Else they are taken for what they lead to, which must be inside the mount; a directory is loaded once, where it lies, whatever links lead to it.
    /// </summary>
    [Id(2)] public bool NoFollow { get; init; }
}

/// <summary>Where a job stands. Frozen in the cluster store.</summary>
public enum LoadJobState : byte
{
    /// <summary>No such job.</summary>
    Unknown = 0,

    /// <summary>Listing and loading.</summary>
    Running = 1,

    /// <summary>Every file was loaded, and was held by the workers at the end.</summary>
    Succeeded = 2,

    /// <summary>Ended, and some files could not be loaded.</summary>
    CompletedWithFailures = 3,

    /// <summary>Stopped on request.</summary>
    Stopped = 4,

    /// <summary>The path could not be listed.</summary>
    Failed = 5,

    /// <summary>Every file was loaded, and not all of it was held by the workers at the end: the caches are too small for it, or something else took its place.</summary>
    Incomplete = 6,
}

/// <summary>How far a job is.</summary>
[GenerateSerializer, Immutable, Alias("Dora.LoadJobStatus")]
public sealed record LoadJobStatus
{
    /// <summary>The job id.</summary>
    [Id(0)] public required string JobId { get; init; }

    /// <summary>What is loaded.</summary>
    [Id(1)] public required string Path { get; init; }

    /// <summary>Where the job stands.</summary>
    [Id(2)] public required LoadJobState State { get; init; }

    /// <summary>Whether listing has ended, so that the totals are final.</summary>
    [Id(3)] public required bool ListingComplete { get; init; }

    /// <summary>Files found so far.</summary>
    [Id(4)] public required long FilesFound { get; init; }

    /// <summary>Bytes of the files found so far.</summary>
    [Id(5)] public required long BytesFound { get; init; }

    /// <summary>Files loaded or already present.</summary>
    [Id(6)] public required long FilesDone { get; init; }

    /// <summary>Bytes loaded or already present.</summary>
    [Id(7)] public required long BytesDone { get; init; }

    /// <summary>Files that could not be loaded.</summary>
    [Id(8)] public required long FilesFailed { get; init; }

    /// <summary>The first few failures, a line each: path and reason.</summary>
    [Id(9)] public required string[] Failures { get; init; }

    /// <summary>When the job started, UTC.</summary>
    [Id(10)] public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, UTC; <see langword="null"/> while it runs.</summary>
    [Id(11)] public required DateTimeOffset? EndedAt { get; init; }

    /// <summary>Whether everything is loaded and the workers are asked whether they hold it still.</summary>
    [Id(12)] public bool IsChecking { get; init; }

    /// <summary>Files that the workers held whole at the end; <see langword="null"/> until that is known.</summary>
    [Id(13)] public long? FilesHeld { get; init; }

    /// <summary>Bytes that the workers held at the end; <see langword="null"/> until that is known.</summary>
    [Id(14)] public long? BytesHeld { get; init; }

    /// <summary>The most bytes of this path that the workers can hold, by their page capacities and the mounts' quotas; <see langword="null"/> when that is not known.</summary>
    [Id(15)] public long? CapacityBytes { get; init; }

    /// <summary>One line on what keeps the job from holding everything and what to do; <see langword="null"/> when nothing is known that does.</summary>
    [Id(16)] public string? Note { get; init; }

    /// <summary>What of the tree is left out, by reason, with the paths of the first few; no failure.</summary>
    [Id(17)] public SkippedEntries[] Skipped { get; init; } = [];

    /// <summary>Of <see cref="BytesDone"/> those that were fetched for this job.</summary>
    [Id(18)] public long BytesFetched { get; init; }

    /// <summary>Bytes of large files that are loaded while the rest of their file is not; not in <see cref="BytesDone"/>.</summary>
    [Id(19)] public long BytesUnderWay { get; init; }

    /// <summary>Of <see cref="BytesDone"/> those that were cached before.</summary>
    public long BytesPresent => Math.Max(0, BytesDone - BytesFetched);
}

/// <summary>The outcome of a job call.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="Status">Where the job stands; <see langword="null"/> when there is no such job.</param>
[GenerateSerializer, Immutable, Alias("Dora.LoadJobReply")]
public sealed record LoadJobReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] LoadJobStatus? Status);

/// <summary>One page of a cluster's jobs.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="Jobs">
/// As they were written last, at most a second or so before for one that runs. A job that cannot be read, because a newer Dora wrote it, has the state Unknown and one failure that says so.
/// </param>
/// <param name="Continuation">Where the next page starts, or <see langword="null"/> after the last.</param>
[GenerateSerializer, Immutable, Alias("Dora.JobListReply")]
public sealed record JobListReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] LoadJobStatus[] Jobs,
    [property: Id(3)] string? Continuation);
