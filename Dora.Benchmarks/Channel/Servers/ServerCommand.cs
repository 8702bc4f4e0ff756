using System.Globalization;
using System.Text.Json;
using Dora.Benchmarks.Channel.Contenders;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>The hidden mode: serves until stdin ends.</summary>
internal static class ServerCommand
{
    internal static async Task<int> RunAsync(string kind, string directory)
    {
        var files = new TestFiles(directory);
        await using IBenchServer server = kind switch
        {
            "async" => BareServer.Start(files, isBlocking: false),
            "blocking" => BareServer.Start(files, isBlocking: true),
            "sendfile" => BareServer.Start(files, isBlocking: false, Transfer.SendFile),
            "mapped" => BareServer.Start(files, isBlocking: false, Transfer.Mapped),
            "descriptor" => DescriptorServer.Start(files),
            "grpc" => await GrpcServer.StartAsync(files),
            "tls" => BareTlsServer.Start(files),
            _ when Enum.TryParse(kind, ignoreCase: true, out WorkerKind worker) => await WorkerServer.StartAsync(files, worker),
            _ => throw new ArgumentException($"no server '{kind}'", nameof(kind)),
        };

        await TellAsync(string.Create(CultureInfo.InvariantCulture, $"ready {server.Port}"));
        while (await Console.In.ReadLineAsync() is { } question)
        {
            await TellAsync(question == "sample"
                ? JsonSerializer.Serialize(new ServerSample(Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true)))
                : await server.AskAsync(question));
        }

        return 0;
    }

    private static async Task TellAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync();
    }
}

/// <summary>A server in this process.</summary>
internal interface IBenchServer : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    int Port { get; }

    /// <summary>Answers what only this server knows.</summary>
    Task<string> AskAsync(string question) => throw new NotSupportedException(question);
}
