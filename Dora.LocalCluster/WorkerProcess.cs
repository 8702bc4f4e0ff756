using System.Diagnostics;
using System.Text.Json;

namespace Dora.LocalCluster;

/// <summary>
/// One worker as a child process. Its standard input is held open: when it closes, by us or by our death, the worker hands over its files and ends,
/// so that a killed parent leaves no process behind.
/// </summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly JsonSerializerOptions ReadyFormat = new(JsonSerializerDefaults.Web);

    private readonly Process _process;
    private readonly Queue<string> _lastErrors = new();
    private readonly TaskCompletionSource<WorkerReady> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerProcess(Process process)
    {
        _process = process;
        Exited = WaitForExitAsync();
    }

    /// <summary>Ends when the process has ended.</summary>
    public Task<int> Exited { get; }

    /// <summary>Ends when the worker is active; fails with a <see cref="DoraException"/> when it could not start.</summary>
    public Task<WorkerReady> Ready => _ready.Task;

    /// <summary>Starts a worker.</summary>
    /// <param name="arguments">The arguments of <c>dora-worker</c>.</param>
    /// <exception cref="DoraException">Configuration: the worker's program is not there.</exception>
    public static WorkerProcess Start(IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(DotnetPath())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in (string[])["exec", WorkerProgram(), .. arguments, "--exit-with-stdin"])
        {
            info.ArgumentList.Add(argument);
        }

        var process = new Process { StartInfo = info, EnableRaisingEvents = true };
        var worker = new WorkerProcess(Started(process));
        process.OutputDataReceived += (_, e) => worker.OnOutput(e.Data);
        process.ErrorDataReceived += (_, e) => worker.OnError(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>SIGKILL: no goodbye.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return Exited;
    }

    /// <summary>Asks the worker to hand over and end; kills it when it has not within the time.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        _process.StandardInput.Close();
        if (await Task.WhenAny(Exited, Task.Delay(patience, TimeProvider.System)) != Exited)
        {
            await KillAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static Process Started(Process process)
    {
        process.Start();
        return process;
    }

    private static string DotnetPath() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    /// <summary>The worker's program: what <c>DORA_WORKER</c> names, or the one beside this program.</summary>
    internal static string WorkerProgram()
    {
        string? configured = Environment.GetEnvironmentVariable("DORA_WORKER");
        string path = string.IsNullOrEmpty(configured) ? Path.Combine(AppContext.BaseDirectory, "dora-worker.dll") : configured;
        return File.Exists(path)
            ? path
            : throw new DoraException(DoraErrorCode.Configuration, $"the worker program '{path}' is not there: run ./dora build, or name it in DORA_WORKER");
    }

    private async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        string reason = LastErrors() is { Length: > 0 } said ? said : $"it ended with exit code {_process.ExitCode} and said nothing";
        _ready.TrySetException(new DoraException(DoraErrorCode.Configuration, $"a worker did not start: {reason}"));
        _ = _ready.Task.Exception; // seen: nobody may be waiting for a worker that ends later
        return _process.ExitCode;
    }

    private void OnOutput(string? line)
    {
        const string Prefix = "ready ";
        if (line is not null && line.StartsWith(Prefix, StringComparison.Ordinal)
            && JsonSerializer.Deserialize<WorkerReady>(line.AsSpan(Prefix.Length), ReadyFormat) is { } ready)
        {
            _ready.TrySetResult(ready);
        }
    }

    private void OnError(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lastErrors)
        {
            _lastErrors.Enqueue(line.Trim());
            if (_lastErrors.Count > 3)
            {
                _lastErrors.Dequeue();
            }
        }
    }

    private string LastErrors()
    {
        lock (_lastErrors)
        {
            return string.Join(" | ", _lastErrors);
        }
    }
}
