using System.CommandLine;
using Dora.Client;
using Dora.Interfaces;
using Spectre.Console;

namespace Dora.Cli.Commands;

/// <summary><c>job list|show|watch|cancel</c>.</summary>
internal static class JobCommand
{
    private const int DefaultLimit = 50;

    public static Command Create(CommandRunner runner) =>
        new("job", "The jobs of the cluster: they go on when who started them is gone. Example: dora job list")
        {
            List(runner),
            One(runner, "show", "How far a job is, or how it ended.", static (jobs, job, cancellationToken) => jobs.GetAsync(job, cancellationToken)),
            Watch(runner),
            One(runner, "cancel", "Ends a job; what it has loaded stays.", static (jobs, job, cancellationToken) => jobs.CancelAsync(job, cancellationToken)),
        };

    private static Argument<string> JobId => new("job") { Description = "The job's id, as 'dora job list' shows it." };

    private static Command List(CommandRunner runner)
    {
        var limit = new Option<int>("--limit") { Description = $"The most jobs to show, 1 or more (default {DefaultLimit}).", DefaultValueFactory = static _ => DefaultLimit, HelpName = "N" };
        var command = new Command("list", "Jobs: those that run first, then those that ended, the last first. Example: dora job list --json") { limit };
        runner.Bind(command, (context, cancellationToken) => ListAsync(context, context.Parsed.GetValue(limit), cancellationToken));
        return command;
    }

    private static Command Watch(CommandRunner runner)
    {
        Argument<string> job = JobId;
        var command = new Command("watch", "Waits for a job's end and shows its progress; Ctrl-C leaves the job as it is. Example: dora job watch load-20260102-030405-0a1b2c3d") { job };
        runner.Bind(command, (context, cancellationToken) => WatchAsync(context, context.Parsed.GetRequiredValue(job), cancellationToken));
        return command;
    }

    /// <summary>A command that asks for one job, or does something to it, and shows it.</summary>
    private static Command One(CommandRunner runner, string name, string description, Func<DoraJobs, string, CancellationToken, Task<LoadJobStatus>> ask)
    {
        Argument<string> job = JobId;
        var command = new Command(name, $"{description} Example: dora job {name} load-20260102-030405-0a1b2c3d") { job };
        runner.Bind(command, async (context, cancellationToken) =>
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            JobView.Show(context.Terminal, await ask(client.Jobs, context.Parsed.GetRequiredValue(job), cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<ExitCode> ListAsync(CommandContext context, int limit, CancellationToken cancellationToken)
    {
        if (limit < 1)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"--limit {limit} is not 1 or more");
        }

        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        List<LoadJobStatus> jobs = [];
        bool hasMore = false;
        await foreach (LoadJobStatus job in client.Jobs.ListAsync(cancellationToken))
        {
            if (jobs.Count == limit)
            {
                hasMore = true;
                break;
            }

            jobs.Add(job);
        }

        context.Terminal.Result(new { Jobs = jobs.Select(JobView.Of), HasMore = hasMore }, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("job", "state", "path", "files", "bytes", "failed", "started", "took");
            jobs.ForEach(job => table.AddRow(JobView.Cells(job)));
            console.Write(table);
        });
        if (hasMore && !context.Terminal.Json)
        {
            context.Terminal.Note($"there are more: --limit {limit * 2L}");
        }

        return ExitCode.Ok;
    }

    private static async Task<ExitCode> WatchAsync(CommandContext context, string jobId, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        LoadJobStatus job = await client.Jobs.GetAsync(jobId, cancellationToken);
        try
        {
            job = await JobProgress.WatchAsync(client, context.Terminal, job, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Terminal.Note($"the job goes on: 'dora job cancel {jobId}' ends it");
            throw;
        }

        JobView.Summarize(context.Terminal, job);
        return JobView.ExitOf(job);
    }
}
