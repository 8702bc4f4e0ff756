using System.Globalization;
using Dora.Client;

namespace Dora.Tests.Processes.SameHost;

/// <summary>
/// A client that reads ranges of files at random and compares every byte with the source, as a program of its own. Prints how often it read, how often from segments' files,
/// and how often it found one changed: a line each half second.
/// </summary>
internal static class SameHostReader
{
    public const string Name = "same-host-reader";

    /// <summary>Runs the program: cluster, source, seed.</summary>
    /// <returns>1 after a wrong byte.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        await using DoraClient client = await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = args[0] }, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var load = new SameHostLoad(client, args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
        Task reading = load.RunAsync(2, stop.Token);
        while (load.Problem is null)
        {
            await Task.Delay(500);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load.Reads} {client.SameHost.Read} {client.SameHost.Changed}"));
        }

        Console.WriteLine(load.Problem);
        await stop.CancelAsync();
        await reading;
        return 1;
    }
}
