using Dora.Cli.Output;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

/// <summary>What is said of a job while it runs.</summary>
internal static class JobText
{
    /// <summary>How much of the job is done, 0 to 1; <see langword="null"/> before everything is listed: nobody knows then.</summary>
    public static double? Share(LoadJobStatus job) =>
        job.State == LoadJobState.Succeeded ? 1
        : !job.ListingComplete ? null
        : job.BytesFound > 0 ? Math.Min(1, (double)(job.BytesDone + job.BytesUnderWay) / job.BytesFound)
        : job.FilesFound > 0 ? (double)job.FilesDone / job.FilesFound
        : null;

    /// <summary>One line on how far it is.</summary>
    /// <param name="job">The job.</param>
    /// <param name="bytesPerSecond">Bytes that are done in a second now; <see langword="null"/> when that is not known yet.</param>
    public static string Line(LoadJobStatus job, double? bytesPerSecond)
    {
        if (job.IsChecking)
        {
            return $"{Format.Count(job.FilesDone, "file")}, {Format.Bytes(job.BytesDone)}; looking whether all of it is held";
        }

        long done = job.BytesDone + job.BytesUnderWay;
        string failed = job.FilesFailed == 0 ? string.Empty : $", {Format.Count(job.FilesFailed)} failed";
        string cached = job.BytesPresent == 0 ? string.Empty : $" ({Format.Bytes(job.BytesPresent)} were cached before)";
        string rate = bytesPerSecond is { } now ? $", {Format.Bytes(now)}/s" : string.Empty;
        return job.ListingComplete
            ? $"{Format.Count(job.FilesDone)} of {Format.Count(job.FilesFound, "file")}{failed}, {Format.Bytes(done)} of {Format.Bytes(job.BytesFound)}{cached}{rate}{Left(job.BytesFound - done, bytesPerSecond)}"
            : $"{Format.Count(job.FilesDone, "file")}{failed}, {Format.Bytes(done)}{cached}{rate}; listing: {Format.Count(job.FilesFound, "file")}, {Format.Bytes(job.BytesFound)} found so far";
    }

    private static string Left(long bytes, double? bytesPerSecond) =>
        bytes > 0 && bytesPerSecond is > 0 and { } now && bytes / now < TimeSpan.FromDays(30).TotalSeconds ? $", {Format.Duration(TimeSpan.FromSeconds(bytes / now))} left" : string.Empty;
}
