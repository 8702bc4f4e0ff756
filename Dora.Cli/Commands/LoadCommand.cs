using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

internal static class LoadCommand
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var parallelism = new Option<int>("--parallelism") { Description = "Files loaded at the same time, 1 to 256.", DefaultValueFactory = static _ => 16 };
        var noFollow = new Option<bool>("--no-follow") { Description = "Leave symbolic links below the path out; else what they lead to inside the mount is loaded, each directory once." };
        var detach = new Option<bool>("--detach") { Description = "Start the job and end at once; see 'dora job watch'." };
        var command = new Command("load", "Brings a file, or everything below a directory, into the workers; Ctrl-C stops the job and keeps what is loaded. Example: dora load /data") { path, parallelism, noFollow, detach };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context,
            new LoadJobSpec(context.Parsed.GetRequiredValue(path), context.Parsed.GetValue(parallelism)) { NoFollow = context.Parsed.GetValue(noFollow) },
            context.Parsed.GetValue(detach),
            cancellationToken));
        return command;
    }

    /// <summary>Starts a load job and shows its progress until it ends; stops it when the caller gives up.</summary>
    public static async Task<LoadJobStatus> LoadAsync(DoraClient client, Terminal terminal, LoadJobSpec spec, CancellationToken cancellationToken)
    {
        LoadJobStatus job = await client.Jobs.StartLoadAsync(spec, cancellationToken);
        try
        {
            return await JobProgress.WatchAsync(client, terminal, job, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await StopAsync(client, terminal, job);
            throw;
        }
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, LoadJobSpec spec, bool detach, CancellationToken cancellationToken)
    {
        if (spec.Parallelism is < 1 or > 256)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"--parallelism {spec.Parallelism} is not 1 to 256");
        }

        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        if (detach)
        {
            JobView.Show(context.Terminal, await client.Jobs.StartLoadAsync(spec, cancellationToken));
            return ExitCode.Ok;
        }

        LoadJobStatus job = await LoadAsync(client, context.Terminal, spec, cancellationToken);
        JobView.Summarize(context.Terminal, job);
        return JobView.ExitOf(job);
    }

    /// <summary>Ctrl-C: the job ends, and it is said what stays.</summary>
    private static async Task StopAsync(DoraClient client, Terminal terminal, LoadJobStatus job)
    {
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            job = await client.Jobs.CancelAsync(job.JobId, patience.Token);
            terminal.Note($"stopped: {Format.Count(job.FilesDone, "file")}, {Format.Bytes(job.BytesDone)} are loaded and stay; 'dora load {job.Path}' goes on from there");
        }
        catch (Exception e) when (e is DoraException or OperationCanceledException)
        {
            terminal.Problem($"job '{job.JobId}' may still run, no worker answered: 'dora job cancel {job.JobId}' ends it");
        }
    }
}
