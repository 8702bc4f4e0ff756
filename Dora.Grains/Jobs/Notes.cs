using Dora.Grains.ClusterStore;

namespace Dora.Grains.Jobs;

/// <summary>What is said of a job that cannot hold everything: a line that says why and what to do.</summary>
internal static class Notes
{
    /// <summary>While it runs, as soon as it is known.</summary>
    public static string? Meanwhile(StoredJob job, JobCounters found) =>
        job.CapacityBytes is { } capacity && found.BytesFound > capacity ? TooLarge(found.BytesFound, capacity) : job.Note;

    /// <summary>At its end.</summary>
    public static string? AtEnd(long? capacityBytes, JobCounters found, HeldTotals held) =>
        held.FilesMissing <= found.FilesFailed ? null
        : capacityBytes is { } capacity && found.BytesFound > capacity ? TooLarge(found.BytesFound, capacity)
        : $"{held.FilesMissing} of {held.Files} files are not held: other files took their place, a worker was lost, their time to live was over, or they were freed or changed; load again, or give the workers more page capacity";

    private static string TooLarge(long found, long capacity) =>
        $"{ByteSize.Format(found)} were found and the workers can hold {ByteSize.Format(capacity)} of them: load less, or raise the workers' page capacity (--page-capacity) or the mount's quota (dora mount set --quota)";
}
