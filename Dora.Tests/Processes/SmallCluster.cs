using Dora.LocalCluster;
using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>A few real worker processes over a directory of files with known bytes; one of them, the victim, is killed or lives badly.</summary>
internal sealed class SmallCluster(int workers, long pageCapacity, long moreCapacity = 0, params string[] arguments) : IAsyncDisposable
{
    public const string Victim = "w0";
    public const string MountPath = "/files";

    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("dora-test-");
    private WorkerProcesses? _cluster;

    public string Source => Path.Combine(_temporary.FullName, "source");

    /// <summary>The victim's own directory.</summary>
    public string Data => ClusterDirectory.Open(Cluster).WorkerPath(Victim);

    public string Pages => Path.Combine(Data, "pages");

    /// <summary>The victim's second page directory, when the workers have <c>moreCapacity</c>.</summary>
    public string MorePages => Path.Combine(Aside("more"), Victim);

    /// <summary>The page files of all workers.</summary>
    public string[] Segments => Directory.GetFiles(Cluster, "*.seg", SearchOption.AllDirectories);

    /// <summary>A place for what a test needs beside the workers.</summary>
    public string Aside(string name) => Path.Combine(_temporary.FullName, name);

    private string Cluster => Path.Combine(_temporary.FullName, "data");

    public async Task StartAsync()
    {
        _cluster = new WorkerProcesses(ClusterDirectory.Open(Cluster), new LocalWorkerOptions(pageCapacity, moreCapacity > 0 ? [new PageDirectoryOption(Aside("more"), moreCapacity)] : null) { MoreArguments = arguments });
        await _cluster.StartAsync(WorkerProcesses.WorkerIds(workers), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(90));
    }

    /// <summary>Starts the victim again after its death.</summary>
    public Task RestartAsync() => _cluster!.StartAsync(Victim, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(90));

    /// <summary>SIGKILL for the victim.</summary>
    public Task KillAsync() => _cluster!.Workers[Victim].KillAsync();

    /// <summary>Stops all workers gracefully.</summary>
    public Task StopAsync() => _cluster!.StopAsync();

    /// <summary>Where clients find the cluster.</summary>
    public string ClusterPath => ClusterDirectory.Open(Cluster).ClusterPath;

    public Task<DoraClient> ConnectAsync() => DoraClient.ConnectAsync(new DoraClientOptions { Cluster = ClusterPath }, CancellationToken.None);

    /// <summary>Reads files and compares every byte with the source.</summary>
    public async Task ReadCheckedAsync(DoraClient client, IEnumerable<string> names, CancellationToken cancellationToken = default)
    {
        foreach (string name in names)
        {
            byte[] read = await client.ReadAllBytesAsync($"{MountPath}/{name}", cancellationToken);
            byte[] expected = await File.ReadAllBytesAsync(Path.Combine(Source, name), CancellationToken.None);
            Assert.True(read.AsSpan().SequenceEqual(expected), $"wrong bytes of '{name}'");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _temporary.Delete(recursive: true);
    }
}
