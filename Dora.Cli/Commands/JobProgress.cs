using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

/// <summary>Shows a job's progress while it runs.</summary>
internal static class JobProgress
{
    /// <summary>Waits for the end of a job.</summary>
    public static Task<LoadJobStatus> WatchAsync(DoraClient client, Terminal terminal, LoadJobStatus job, CancellationToken cancellationToken) =>
        Output.Progress.OfFractionAsync(
            terminal, $"loading {job.Path}", report => client.Jobs.WatchAsync(job.JobId, new LoadProgress(report), cancellationToken));

    /// <summary>Turns a job's status into a bar. Reports on the caller's thread: the bar must be up to date when the work ends.</summary>
    private sealed class LoadProgress(Action<double, string> report) : IProgress<LoadJobStatus>
    {
        public void Report(LoadJobStatus value)
        {
            double share = value.BytesFound == 0 ? 0 : (double)value.BytesDone / value.BytesFound;
            report(
                value.ListingComplete ? share : Math.Min(share, 0.99),
                $"{Format.Count(value.FilesDone)}/{Format.Count(value.FilesFound)} files, {Format.Bytes(value.BytesDone)}");
        }
    }
}
