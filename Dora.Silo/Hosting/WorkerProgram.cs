using System.Text.Json;

namespace Dora.Silo.Hosting;

/// <summary>The worker as a process: says when it is ready, waits for the end, and turns what is in the way into one line and an exit code.</summary>
internal sealed class WorkerProgram(Stream input, TextWriter output, TextWriter errors, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<WorkerExitCode> RunAsync(WorkerOptions options, WorkerProcessOptions process)
    {
        try
        {
            WorkerHost worker = await WorkerHost.StartAsync(options, process, time, CancellationToken.None).ConfigureAwait(false);
            await using (worker.ConfigureAwait(false))
            {
                foreach (string line in worker.Mended)
                {
                    await errors.WriteLineAsync($"dora-worker: {line}").ConfigureAwait(false);
                }

                var ready = new ReadyLine(worker.WorkerId.Value, worker.Ports.Silo, worker.Ports.Gateway, worker.PagePort, Environment.ProcessId);
                await output.WriteLineAsync("ready " + JsonSerializer.Serialize(ready, Json)).ConfigureAwait(false);
                await output.FlushAsync().ConfigureAwait(false);
                if (process.ExitWithStdin)
                {
                    _ = StopWhenInputEndsAsync(worker);
                }

                await worker.WaitForStopAsync().ConfigureAwait(false);
            }

            return WorkerExitCode.Ok;
        }
        catch (DoraException e)
        {
            await TellAsync(e, e.Message, process).ConfigureAwait(false);
            return e.Code switch
            {
                DoraErrorCode.Configuration => WorkerExitCode.Configuration,
                DoraErrorCode.InvalidArgument => WorkerExitCode.Usage,
                DoraErrorCode.Damaged => WorkerExitCode.Damaged,
                _ => WorkerExitCode.Failed,
            };
        }
        catch (Exception e) when (PortTaken.Is(e))
        {
            await TellAsync(e, "a port was taken while the worker started: start it again, or choose other ports", process).ConfigureAwait(false);
            return WorkerExitCode.Configuration;
        }
        catch (Exception e)
        {
            await TellAsync(e, $"{e.GetType().Name}: {e.Message} (--verbose tells more)", process).ConfigureAwait(false);
            return WorkerExitCode.Failed;
        }
    }

    private Task TellAsync(Exception exception, string message, WorkerProcessOptions process) =>
        errors.WriteLineAsync(process.Verbose ? $"dora-worker: {Printable.Line(message)}{Environment.NewLine}{exception}" : $"dora-worker: {Printable.Line(message)}");

    private async Task StopWhenInputEndsAsync(WorkerHost worker)
    {
        byte[] buffer = new byte[256];
        try
        {
            while (await input.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
                // What comes in is of no interest, only that it ends.
            }
        }
        catch (IOException)
        {
            // A broken pipe is an end too.
        }

        worker.RequestStop();
    }

    private sealed record ReadyLine(string WorkerId, int SiloPort, int GatewayPort, int PagePort, int Pid);
}
