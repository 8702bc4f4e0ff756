using Dora.LocalCluster;
using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>Three real worker processes over a directory of files with known bytes; gone afterwards, whatever happened.</summary>
public sealed class ProcessCluster : IAsyncLifetime
{
    public const string MountPath = "/files";

    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("dora-test-");
    private WorkerProcesses? _cluster;

    public string Data => Path.Combine(_temporary.FullName, "data");

    public string Source => Path.Combine(_temporary.FullName, "source");

    internal WorkerProcesses Cluster => _cluster ?? throw new InvalidOperationException("the cluster has not started");

    /// <summary>Names of the files, under <see cref="MountPath"/> and <see cref="Source"/>.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Names = SourceFiles.Write(Source, seed: 20, count: 60);
        await StartAsync();
        await using DoraClient client = await ConnectAsync();
        await client.Mounts.AddAsync(MountPath, Source, freshness: "immutable");
    }

    /// <summary>Starts the processes on the same data, the first time or again.</summary>
    public async Task StartAsync()
    {
        _cluster = new WorkerProcesses(ClusterDirectory.Open(Data), new LocalWorkerOptions(PageCapacityBytes: 256L * 1024 * 1024));
        await _cluster.StartAsync(WorkerProcesses.WorkerIds(3), CancellationToken.None);
    }

    /// <summary>Stops the processes gracefully; the data stays.</summary>
    public async Task StopAsync()
    {
        await Cluster.StopAsync();
        await Cluster.DisposeAsync();
    }

    public Task<DoraClient> ConnectAsync() =>
        DoraClient.ConnectAsync(new DoraClientOptions { Cluster = Cluster.Directory.ClusterPath }, CancellationToken.None);

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _temporary.Delete(recursive: true);
    }
}
