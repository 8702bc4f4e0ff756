using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dora.LocalCluster;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Benchmarks.Chaos;

/// <summary>Real worker processes over a directory of files with known bytes, each behind a proxy; gone afterwards, whatever happened.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private const string MountPath = "/files";
    private const long PageCapacity = 256L * 1024 * 1024;

    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("dora-chaos-");
    private readonly Dictionary<string, FaultProxy> _proxies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Pid, long Store, long Peer)> _counters = new(StringComparer.Ordinal);
    private readonly ChaosSettings _settings;
    private readonly WorkerProcesses _local;
    private readonly string? _token;
    private readonly string? _certificate;
    private DoraClient? _client;

    internal ChaosCluster(ChaosSettings settings)
    {
        _settings = settings;
        List<string> arguments = [];
        if (settings.IsSecured)
        {
            _token = Path.Combine(_temporary.FullName, "token");
            _certificate = Path.Combine(_temporary.FullName, "worker.pem");
            File.WriteAllText(_token, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
            Harness.BenchCertificate.Write(_certificate);
            arguments.AddRange(["--token-file", _token, "--tls-certificate", _certificate]);
        }

        _local = new WorkerProcesses(
            ClusterDirectory.Open(Path.Combine(_temporary.FullName, "data")), new LocalWorkerOptions(PageCapacity) { MoreArguments = arguments });
    }

    /// <summary>The client that goes through the proxies.</summary>
    internal DoraClient Client => _client ?? throw new InvalidOperationException("the cluster has not started");

    /// <summary>The files as the client sees them, and what they hold.</summary>
    internal List<(string Path, byte[] Content)> Files { get; } = [];

    internal IReadOnlyDictionary<string, WorkerProcess> Workers => _local.Workers;

    /// <summary>What the proxies did so far.</summary>
    internal (long Cuts, long Drops, long Flips) ProxyCounts => _proxies.Values.Select(static p => p.Counts).Aggregate(
        (Cuts: 0L, Drops: 0L, Flips: 0L), static (a, b) => (a.Cuts + b.Cuts, a.Drops + b.Drops, a.Flips + b.Flips));

    /// <summary>Starts the workers, mounts and loads the files.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        string source = WriteFiles();
        await _local.StartAsync(WorkerProcesses.WorkerIds(_settings.Workers), cancellationToken);
        _client = await DoraClient.ConnectAsync(
            new DoraClientOptions
            {
                Cluster = _local.Directory.ClusterPath,
                Token = _token is null ? default : Encoding.UTF8.GetBytes(await File.ReadAllTextAsync(_token, cancellationToken)),
                Tls = _certificate is null ? null : new DoraTlsOptions { TrustFile = _certificate },
                Via = _settings.UsesProxies ? Via : static w => w,
            },
            cancellationToken);
        await _client.Mounts.AddAsync(MountPath, source, freshness: "immutable", cancellationToken: cancellationToken);
        LoadJobStatus loaded = await _client.Jobs.LoadAsync(MountPath, cancellationToken: cancellationToken);
        Harness.BenchmarkRun.Check(loaded.State == LoadJobState.Succeeded, $"the files were not loaded: {loaded.State}");
        await CountAsync();
    }

    /// <summary>Sets what the proxies of all workers do.</summary>
    internal void SetFaults(Faults faults)
    {
        lock (_proxies)
        {
            foreach (FaultProxy proxy in _proxies.Values)
            {
                proxy.Faults = faults;
            }
        }
    }

    internal Task KillAsync(string worker) => _local.Workers[worker].KillAsync();

    /// <summary>Starts a worker and waits until the client sees it.</summary>
    internal async Task StartAsync(string worker, CancellationToken cancellationToken)
    {
        WorkerReady ready = await _local.StartAsync(worker, cancellationToken);
        await WaitAsync(() => Client.Workers.Any(w => w.Id.Value == worker && w.PagePort == ready.PagePort), $"the client to see {worker}", cancellationToken);
    }

    /// <summary>Stops a worker gracefully and waits until the client sees that it is gone.</summary>
    internal async Task StopAsync(string worker, CancellationToken cancellationToken)
    {
        await _local.Workers[worker].StopAsync(TimeSpan.FromSeconds(30));
        await WaitAsync(() => Client.Workers.All(w => w.Id.Value != worker), $"the client to see that {worker} left", cancellationToken);
    }

    /// <summary>Sends a signal by name.</summary>
    internal async Task SignalAsync(string worker, string signal)
    {
        int pid = (await _local.Workers[worker].Ready).Pid;
        using var kill = Process.Start("kill", [signal, pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Bytes of the files that a worker owns now.</summary>
    internal long BytesOwnedBy(string worker) => Files.Where(f => Client.OwnerOf(f.Path)?.Id.Value == worker).Sum(static f => (long)f.Content.Length);

    /// <summary>Bytes asked of the store, and got from other workers, since the last call. A worker that died takes along what it had not told.</summary>
    internal async Task<(long Store, long Peer)> CountAsync()
    {
        (long store, long peer) = (0, 0);
        foreach (WorkerInfo worker in Client.Workers)
        {
            WorkerStatus status;
            try
            {
                status = await Client.GetWorkerStatusAsync(worker.Id).WaitAsync(TimeSpan.FromSeconds(6));
            }
            catch (Exception e) when (e is DoraException or TimeoutException)
            {
                // Dead or stopped: it is asked again later.
                continue;
            }

            (int pid, long knownStore, long knownPeer) = _counters.GetValueOrDefault(worker.Id.Value);
            bool isSame = pid == status.ProcessId;
            store += status.StoreBytes - (isSame ? knownStore : 0);
            peer += status.PeerBytes - (isSame ? knownPeer : 0);
            _counters[worker.Id.Value] = (status.ProcessId, status.StoreBytes, status.PeerBytes);
        }

        return (store, peer);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        foreach (FaultProxy proxy in _proxies.Values)
        {
            await proxy.DisposeAsync();
        }

        await _local.DisposeAsync();
        _temporary.Delete(recursive: true);
    }

    private static async Task WaitAsync(Func<bool> condition, string what, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Harness.BenchmarkRun.Check(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"waited 30 s for {what}");
            await Task.Delay(5, cancellationToken);
        }
    }

    private string WriteFiles()
    {
        string source = Directory.CreateDirectory(Path.Combine(_temporary.FullName, "source")).FullName;
        var random = new Random(_settings.Seed);
        for (int i = 0; i < _settings.Files; i++)
        {
            byte[] content = new byte[random.Next(512 * 1024, 1536 * 1024)];
            random.NextBytes(content);
            string name = string.Create(CultureInfo.InvariantCulture, $"f{i}.bin");
            File.WriteAllBytes(Path.Combine(source, name), content);
            Files.Add(($"{MountPath}/{name}", content));
        }

        return source;
    }

    private WorkerInfo Via(WorkerInfo worker)
    {
        lock (_proxies)
        {
            if (!_proxies.TryGetValue(worker.Id.Value, out FaultProxy? proxy))
            {
                _proxies[worker.Id.Value] = proxy = new FaultProxy(_settings.Seed + _proxies.Count);
            }

            proxy.Target = worker.PagePort;
            return worker with { Host = "127.0.0.1", PagePort = proxy.Port };
        }
    }
}
