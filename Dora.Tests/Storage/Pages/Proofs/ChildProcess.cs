using System.Diagnostics;
using System.Globalization;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>This test assembly as a child process; its lines are collected, and it is gone at the end.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private ChildProcess(Process process, Func<IReadOnlyList<string>, bool> until)
    {
        _process = process;
        _reading = Task.Run(() => ReadAsync(until));
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>What it said, after <see cref="ExitAsync()"/>.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Starts a program of <see cref="TestProgram"/>.</summary>
    /// <param name="until">Completes <see cref="ReachedAsync"/>; called with all lines so far.</param>
    /// <param name="arguments">The program's name and what it takes.</param>
    public static ChildProcess Start(Func<IReadOnlyList<string>, bool> until, params object[] arguments) => Start(until, [], arguments);

    /// <param name="until">Completes <see cref="ReachedAsync"/>; called with all lines so far.</param>
    /// <param name="environment">More variables.</param>
    /// <param name="arguments">The program's name and what it takes.</param>
    public static ChildProcess Start(Func<IReadOnlyList<string>, bool> until, IEnumerable<KeyValuePair<string, string>> environment, params object[] arguments)
    {
        string host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        var info = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string name, string value) in environment)
        {
            info.Environment[name] = value;
        }

        foreach (object argument in (object[])["exec", typeof(ChildProcess).Assembly.Location, .. arguments])
        {
            info.ArgumentList.Add(Convert.ToString(argument, CultureInfo.InvariantCulture)!);
        }

        return new ChildProcess(Process.Start(info)!, until);
    }

    /// <summary>Waits until the condition holds or the process has ended.</summary>
    public Task ReachedAsync() => _reached.Task.WaitAsync(Patience);

    /// <summary>SIGKILL, or nothing when it has ended.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; 137 after SIGKILL.</returns>
    public Task<int> ExitAsync() => ExitAsync(Patience);

    /// <summary>Waits for the end of what takes longer.</summary>
    public async Task<int> ExitAsync(TimeSpan patience)
    {
        await _process.WaitForExitAsync().WaitAsync(patience);
        await _reading.WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>What it said on stderr.</summary>
    public Task<string> ErrorsAsync() => _errors.WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
            await ExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync(Func<IReadOnlyList<string>, bool> until)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Add(line);
            if (!_reached.Task.IsCompleted && until(_lines))
            {
                _reached.SetResult();
            }
        }

        _reached.TrySetResult();
    }
}
