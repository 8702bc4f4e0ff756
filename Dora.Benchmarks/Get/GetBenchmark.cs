using System.Diagnostics;
using System.Globalization;
using Dora.Benchmarks.Harness;
using Dora.Benchmarks.Load;
using Dora.Cli.Get;

namespace Dora.Benchmarks.Get;

/// <summary><c>dora get</c> of cached directories from three worker processes, in turns with <c>cp -r</c> of the same trees from the page cache.</summary>
internal sealed class GetBenchmark : IBenchmark
{
    private const string Peer = "cp -r";

    public string Name => "get";

    public string Description => "Copying cached directories out of three workers against cp -r of the same trees: small files, and 2 GiB.";

    public async Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("dora-bench-get-");
        try
        {
            LoadFiles small = new(temporary, "small", 3000, 4096);
            LoadFiles large = new(temporary, "large", run.Quick ? 1 : 2, (run.Quick ? 512 : 1024) << 20);
            run.Progress("writing files");
            small.Write();
            large.Write();
            run.Progress("starting three workers");
            await using LoadCluster cluster = await LoadCluster.StartAsync(temporary, cancellation);
            await MeasureAsync(run, cluster, small, temporary, rounds: run.Quick ? 5 : 11, ">= 0.5", cancellation);
            await MeasureAsync(run, cluster, large, temporary, rounds: run.Quick ? 3 : 5, ">= 0.7", cancellation);
            run.Note("everything is cached by the workers and in this machine's page cache; the client is connected: what the command takes to start is in neither figure, nor is cp's start left out of its");
            run.Note("median of the rounds, dora and cp in turns");
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(
        BenchmarkRun run, LoadCluster cluster, LoadFiles files, DirectoryInfo temporary, int rounds, string target, CancellationToken cancellation)
    {
        run.Progress($"loading {files.Count} files of {files.Length} bytes");
        await cluster.LoadAsync(files, cancellation);
        string copies = Path.Combine(temporary.FullName, "out");
        double[] dora = new double[rounds], peer = new double[rounds];
        for (int round = -1; round < rounds; round++)
        {
            // The first round warms up, and its bytes are checked.
            double got = await TimeAsync(() => GetAsync(cluster, files, copies, cancellation));
            if (round < 0)
            {
                Check(files, copies);
            }

            Directory.Delete(copies, recursive: true);
            double copied = await TimeAsync(() => CopyAsync(files.Source, copies, cancellation));
            Directory.Delete(copies, recursive: true);
            if (round >= 0)
            {
                (dora[round], peer[round]) = (got, copied);
            }
        }

        Array.Sort(dora);
        Array.Sort(peer);
        bool isSmall = files.Count > 100;
        double work = isSmall ? files.Count : files.Bytes / 1e6;
        run.Add(new BenchmarkRow(
            string.Create(CultureInfo.InvariantCulture, $"{files.Count:N0} x {files.Length:N0} bytes"),
            "get",
            isSmall ? "files/s" : "MB/s",
            work / Interleaved.Quantile(dora, 0.5),
            Peer,
            work / Interleaved.Quantile(peer, 0.5),
            target));
    }

    private static async Task GetAsync(LoadCluster cluster, LoadFiles files, string copies, CancellationToken cancellation)
    {
        Directory.CreateDirectory(copies);
        using TargetDirectory target = TargetDirectory.Open(copies);
        var ledger = new GetLedger(TimeProvider.System, static (_, _) => { });
        var writer = new FileWriter(new FileFetch(cluster.Client, ledger.Moved), default, ledger);
        await new GetRun(cluster.Client, writer, ledger).RunAsync(
            new TreeWalk(cluster.Client, ledger, DoraPath.Parse($"/files/{files.Name}"), followLinks: true), target, cancellation);
        BenchmarkRun.Check(
            ledger.Failed == 0 && ledger.Files == files.Count && ledger.Bytes == files.Bytes,
            $"get copied {ledger.Files} of {files.Count} files and {ledger.Bytes} bytes: {ledger.Failures.Select(static f => f.Message).FirstOrDefault()}");
    }

    private static async Task CopyAsync(string source, string copies, CancellationToken cancellation)
    {
        using Process cp = Process.Start(new ProcessStartInfo("cp", ["-r", source, copies])) ?? throw new InvalidOperationException("cp did not start");
        await cp.WaitForExitAsync(cancellation);
        BenchmarkRun.Check(cp.ExitCode == 0, $"cp ended with {cp.ExitCode}");
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Check(LoadFiles files, string copies)
    {
        byte[] buffer = new byte[Math.Min(files.Length, 1 << 20)];
        for (int i = 0; i < files.Count; i++)
        {
            using FileStream file = File.OpenRead(Path.Combine(copies, LoadFiles.PathOf(i)));
            BenchmarkRun.Check(file.Length == files.Length, $"{LoadFiles.PathOf(i)} has {file.Length} bytes");
            for (long offset = 0; offset < files.Length; offset += buffer.Length)
            {
                file.ReadExactly(buffer);
                LoadFiles.Check(i, offset, buffer);
            }
        }
    }
}
