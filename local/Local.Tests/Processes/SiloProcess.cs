using System.Diagnostics;
using Local.TestHost;
using Orleans.Runtime;

namespace Local.Tests.Processes;

/// <summary>One silo in a process of its own.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private SiloProcess(Process process, int siloPort, int gatewayPort)
    {
        _process = process;
        (SiloPort, GatewayPort) = (siloPort, gatewayPort);
    }

    public int SiloPort { get; }

    public int GatewayPort { get; }

    public SiloAddress Address { get; private set; } = SiloAddress.Zero;

    public static async Task<SiloProcess> StartAsync(string connectionString, int? siloPort = null, int? gatewayPort = null)
    {
        int silo = siloPort ?? Ports.Free(), gateway = gatewayPort ?? Ports.Free();
        string program = Path.Combine(AppContext.BaseDirectory, typeof(IWhereGrain).Assembly.GetName().Name + ".dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, $"{silo}", $"{gateway}", connectionString])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var errors = new List<string>();
        Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, e) =>
        {
            lock (errors) errors.Add(e.Data ?? "");
        };
        process.BeginErrorReadLine();
        var started = new SiloProcess(process, silo, gateway);
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        await Task.WhenAny(line, Task.Delay(Patience));
        if (line.IsCompletedSuccessfully && line.Result?.StartsWith("READY ", StringComparison.Ordinal) == true)
        {
            started.Address = SiloAddress.FromParsableString(line.Result["READY ".Length..]);
            return started;
        }

        await started.DisposeAsync();
        lock (errors) throw new InvalidOperationException($"The silo on port {silo} did not start: {string.Join('\n', errors)}");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>Sends STOP or CONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Asks it to end in good order.</summary>
    public async Task<int> StopAsync()
    {
        _process.StandardInput.Close();
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        Task exit = _process.WaitForExitAsync();
        await Task.WhenAny(exit, Task.Delay(Patience));
        Assert.True(exit.IsCompleted, $"Silo {Address} (process {_process.Id}, has exited: {_process.HasExited}) did not end within {Patience.TotalSeconds} s.");
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
