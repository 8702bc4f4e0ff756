using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

/// <summary>Shows a job's progress while it runs.</summary>
internal static class JobProgress
{
    /// <summary>Waits for the end of a job.</summary>
    public static Task<LoadJobStatus> WatchAsync(DoraClient client, Terminal terminal, LoadJobStatus job, CancellationToken cancellationToken) =>
        Output.Progress.OfShareAsync(
            terminal, $"loading {job.Path}", report => client.Jobs.WatchAsync(job.JobId, new LoadProgress(report, terminal), cancellationToken));

    /// <summary>Turns a job's status into a bar, and says once what keeps it from holding everything. Reports on the caller's thread: the bar must be up to date when the work ends.</summary>
    private sealed class LoadProgress(Action<double?, string> report, Terminal terminal) : IProgress<LoadJobStatus>
    {
        private readonly TransferRate _rate = new(TimeProvider.System);
        private bool _isWarned;

        public void Report(LoadJobStatus value)
        {
            report(JobText.Share(value), JobText.Line(value, _rate.Add(value.BytesDone + value.BytesUnderWay)));
            if (value is { State: LoadJobState.Running, Note: { } note } && !_isWarned)
            {
                _isWarned = true;
                terminal.Warn(note);
            }
        }
    }
}
