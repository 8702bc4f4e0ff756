using System.Diagnostics;
using Dora.Benchmarks.Harness;
using Dora.Client;
using Dora.Interfaces;
using Dora.LocalCluster;

namespace Dora.Benchmarks.Load;

/// <summary>Three worker processes with the files of the benchmark mounted.</summary>
internal sealed class LoadCluster : IAsyncDisposable
{
    private const int Workers = 3;

    private readonly WorkerProcesses _workers;
    private readonly DoraClient _client;
    private readonly Process[] _processes;

    private LoadCluster(WorkerProcesses workers, DoraClient client, Process[] processes) => (_workers, _client, _processes) = (workers, client, processes);

    internal DoraClient Client => _client;

    internal static async Task<LoadCluster> StartAsync(DirectoryInfo temporary, CancellationToken cancellation)
    {
        var workers = new WorkerProcesses(ClusterDirectory.Open(Path.Combine(temporary.FullName, "data")), new LocalWorkerOptions(PageCapacityBytes: null));
        try
        {
            await workers.StartAsync(WorkerProcesses.WorkerIds(Workers), cancellation);
            DoraClient client = await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = workers.Directory.ClusterPath }, cancellation);
            await client.Mounts.AddAsync("/files", temporary.FullName, freshness: "immutable", cancellationToken: cancellation);
            WorkerReady[] ready = await Task.WhenAll(workers.Workers.Values.Select(static w => w.Ready));
            return new LoadCluster(workers, client, [.. ready.Select(static r => Process.GetProcessById(r.Pid))]);
        }
        catch
        {
            await workers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loads the files, and ends the run when not all were.</summary>
    internal async Task LoadAsync(LoadFiles files, CancellationToken cancellation)
    {
        LoadJobStatus ended = await _client.Jobs.LoadAsync($"/files/{files.Name}", cancellationToken: cancellation);
        BenchmarkRun.Check(
            ended.State == LoadJobState.Succeeded && ended.FilesDone == files.Count && ended.BytesDone == files.Bytes,
            $"the load of {files.Count} files ended as {ended.State} with {ended.FilesDone} files and {ended.BytesDone} bytes: {ended.Failures.FirstOrDefault()}");
    }

    internal async Task<Spent> TimeAsync(LoadFiles files, CancellationToken cancellation)
    {
        double cpu = Cpu();
        long start = Stopwatch.GetTimestamp();
        await LoadAsync(files, cancellation);
        return new Spent(Stopwatch.GetElapsedTime(start).TotalSeconds, Cpu() - cpu);
    }

    /// <summary>Reads files back and checks every byte; the store must not be asked for any.</summary>
    internal async Task CheckAsync(LoadFiles files, int every, CancellationToken cancellation)
    {
        long before = await StoreBytesAsync(cancellation);
        byte[] buffer = new byte[Math.Min(files.Length, 1 << 20)];
        for (int i = 0; i < files.Count; i += every)
        {
            await using DoraFile file = await _client.OpenReadAsync($"/files/{files.Name}/{LoadFiles.PathOf(i)}", cancellation);
            BenchmarkRun.Check(file.Length == files.Length, $"{LoadFiles.PathOf(i)} has {file.Length} bytes");
            for (long offset = 0; offset < file.Length; offset += buffer.Length)
            {
                BenchmarkRun.Check(await file.ReadAsync(offset, buffer, cancellation) == buffer.Length, $"too few bytes at {offset} of {LoadFiles.PathOf(i)}");
                LoadFiles.Check(i, offset, buffer);
            }
        }

        long asked = await StoreBytesAsync(cancellation) - before;
        BenchmarkRun.Check(asked == 0, $"{asked} bytes of loaded files were asked of the store");
    }

    internal async Task FreeAsync(LoadFiles files, CancellationToken cancellation) =>
        await _client.FreeAsync($"/files/{files.Name}", forgetMetadata: true, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _workers.StopAsync();
        await _workers.DisposeAsync();
        Array.ForEach(_processes, static p => p.Dispose());
    }

    private double Cpu()
    {
        if (_workers.Workers.FirstOrDefault(static w => w.Value.Exited.IsCompleted).Key is { } ended)
        {
            throw new InvalidOperationException($"worker {ended} ended on the way: on a machine that is too busy a live worker is taken for dead, try again");
        }

        Array.ForEach(_processes, static p => p.Refresh());
        return _processes.Sum(static p => p.TotalProcessorTime.TotalSeconds);
    }

    private async Task<long> StoreBytesAsync(CancellationToken cancellation) =>
        (await Task.WhenAll(_client.Workers.Select(w => _client.GetWorkerStatusAsync(w.Id, cancellation)))).Sum(static s => s.StoreBytes);
}
