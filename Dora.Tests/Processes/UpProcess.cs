using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Dora.Tests.Waiting;

namespace Dora.Tests.Processes;

/// <summary><c>dora up --json</c> as a process of its own, started by a shell that runs a few words first.</summary>
internal sealed class UpProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _output;

    private UpProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, e) => OnError(e.Data);
        process.BeginErrorReadLine();
        _output = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>The command as it was built beside the tests, in its own directory with its own dependencies.</summary>
    public static string Dora
    {
        get
        {
            var own = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(own.Parent!.Parent!.FullName, "Dora.Cli", own.Name, "dora.dll");
        }
    }

    /// <summary>What it said to people.</summary>
    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    public Task Exited => _process.WaitForExitAsync();

    public int ExitCode => _process.ExitCode;

    public int ProcessId => _process.Id;

    /// <summary>Starts it.</summary>
    /// <param name="first">Words for the shell, for example <c>umask 0;</c>.</param>
    /// <param name="arguments">Arguments of <c>up</c>.</param>
    public static UpProcess Start(string first, params string[] arguments)
    {
        string words = string.Join(' ', arguments.Select(static a => $"'{a}'"));
        return new UpProcess(Process.Start(new ProcessStartInfo("bash", ["-c", $"{first} exec dotnet exec '{Dora}' up --json {words}"]) { RedirectStandardError = true, RedirectStandardOutput = true })!);
    }

    /// <summary>Waits until it serves.</summary>
    public async Task ReadyAsync()
    {
        await Task.WhenAny(_ready.Task, Exited).Within("the cluster to be ready", TimeSpan.FromSeconds(90));
        Assert.True(_ready.Task.IsCompleted, Error);
    }

    /// <summary>SIGKILL for the command alone: its workers see their input end.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await Exited;
    }

    /// <summary>SIGTERM, and all that it started has ended.</summary>
    public async Task<JsonElement> StopAsync()
    {
        Signals.Terminate(_process.Id);
        await Exited.Within("the cluster to stop", TimeSpan.FromSeconds(60));
        return JsonSerializer.Deserialize<JsonElement>(await _output);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void OnError(string? line)
    {
        lock (_error)
        {
            _error.AppendLine(line);
        }

        if (line?.StartsWith("ready", StringComparison.Ordinal) == true)
        {
            _ready.TrySetResult();
        }
    }
}
