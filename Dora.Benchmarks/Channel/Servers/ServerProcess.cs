using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dora.Benchmarks.Channel.Contenders;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>A server contender in a process of its own: this program in its hidden mode. Speaks in lines: ready, then an answer for each line asked.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    internal const string Verb = "channel-server";

    private readonly Process _process;

    private ServerProcess(Process process, int port) => (_process, Port) = (process, port);

    internal int Port { get; }

    internal static async Task<ServerProcess> StartAsync(string kind, string directory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["exec", typeof(ServerProcess).Assembly.Location, Verb, kind, directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        string? ready = await process.StandardOutput.ReadLineAsync();
        return ready is not null && ready.StartsWith("ready ", StringComparison.Ordinal)
            ? new ServerProcess(process, int.Parse(ready.AsSpan(6), CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"the {kind} server did not start");
    }

    internal async Task<string> AskAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the server process ended");
    }

    internal async Task<ServerSample> SampleAsync() => JsonSerializer.Deserialize<ServerSample>(await AskAsync("sample"));

    public async ValueTask DisposeAsync()
    {
        // The end of its input is the end of the process.
        _process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
