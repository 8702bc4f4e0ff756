using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Dora.Interfaces;

namespace Dora.Grains.ClusterStore;

/// <summary>
/// A load job at the last point from which it can go on exactly: every file counted here is done, everything else is still behind
/// <see cref="Pending"/>. Stored as JSON of format <see cref="Format"/>; property names are frozen (golden test).
/// </summary>
internal sealed record StoredJob
{
    /// <summary>The format written by this version.</summary>
    public const int Format = 1;

    /// <summary>The job id.</summary>
    public required string JobId { get; init; }

    /// <summary>Counts the writes, so that two activations of one job cannot both go on.</summary>
    public required long Revision { get; init; }

    /// <summary>What is loaded.</summary>
    public required string Path { get; init; }

    /// <summary>Files loaded at the same time.</summary>
    public required int Parallelism { get; init; }

    /// <summary>Where the job stands.</summary>
    public required LoadJobState State { get; init; }

    /// <summary>When the job started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Files and bytes counted so far.</summary>
    public JobCounters Counters { get; init; }

    /// <summary>The first few failures, a line each.</summary>
    public ImmutableArray<string> Failures { get; init; } = [];

    /// <summary>Listings not yet done, in the order in which they are taken.</summary>
    public ImmutableArray<PendingListing> Pending { get; init; } = [];

    /// <summary>Whether symbolic links are left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NoFollow { get; init; }

    /// <summary>What was left out so far; <see langword="null"/> when nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SkippedEntries[]? Skipped { get; init; }

    /// <summary>How often it was begun again, because something of what it had loaded was lost meanwhile.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Pass { get; init; }

    /// <summary>Files that were held whole at the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long? FilesHeld { get; init; }

    /// <summary>Bytes that were held at the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long? BytesHeld { get; init; }

    /// <summary>The most bytes of the path that the workers can hold.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long? CapacityBytes { get; init; }

    /// <summary>What keeps it from holding everything, one line.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Note { get; init; }

    /// <summary>What is told of a row that this version cannot read.</summary>
    public static StoredJob Unreadable(string jobId, string why) => new()
    {
        JobId = jobId,
        Revision = 0,
        Path = string.Empty,
        Parallelism = 0,
        State = LoadJobState.Unknown,
        StartedAt = default,
        Failures = [why],
    };

    /// <summary>What callers are told of the job as it is here.</summary>
    public LoadJobStatus ToStatus() => new()
    {
        JobId = JobId,
        Path = Path,
        State = State,
        ListingComplete = State != LoadJobState.Running,
        FilesFound = Counters.FilesFound,
        BytesFound = Counters.BytesFound,
        FilesDone = Counters.FilesDone,
        BytesDone = Counters.BytesDone,
        BytesFetched = Counters.BytesFetched,
        FilesFailed = Counters.FilesFailed,
        Failures = [.. Failures],
        StartedAt = StartedAt,
        EndedAt = EndedAt,
        FilesHeld = FilesHeld,
        BytesHeld = BytesHeld,
        CapacityBytes = CapacityBytes,
        Note = Note,
        Skipped = Skipped ?? [],
    };
}

/// <summary>What a load job has counted.</summary>
/// <param name="FilesFound">Files listed.</param>
/// <param name="BytesFound">Bytes of those.</param>
/// <param name="FilesDone">Files cached.</param>
/// <param name="BytesDone">Bytes of those.</param>
/// <param name="FilesFailed">Files given up.</param>
/// <param name="BytesFetched">Of the bytes done those that were not cached before.</param>
internal readonly record struct JobCounters(
    long FilesFound,
    long BytesFound,
    long FilesDone,
    long BytesDone,
    long FilesFailed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long BytesFetched = 0)
{
    /// <summary>Both together.</summary>
    public JobCounters Plus(JobCounters more) => new(
        FilesFound + more.FilesFound, BytesFound + more.BytesFound, FilesDone + more.FilesDone, BytesDone + more.BytesDone, FilesFailed + more.FilesFailed, BytesFetched + more.BytesFetched);
}

/// <summary>A page of a directory that is still to be listed.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Continuation">Where the page starts; <see langword="null"/> for the first.</param>
internal sealed record PendingListing(string Path, string? Continuation)
{
    /// <summary>Whether a symbolic link led to it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsLink { get; init; }
}
