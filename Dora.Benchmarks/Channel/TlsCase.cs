using Dora.Benchmarks.Channel.Contenders;
using Dora.Benchmarks.Channel.Servers;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Channel;

/// <summary>The page channel under TLS against a bare <see cref="System.Net.Security.SslStream"/> loop, and against the plain page channel.</summary>
internal static class TlsCase
{
    private static readonly (LoadCase Load, string? Target)[] Cases =
    [
        (new("4 KiB, 1 caller", 4096, 1), null),
        (new("64 KiB, 4 callers", 65_536, 4), null),
        (new("1 MiB, 4 callers", 1 << 20, 4), ">= 0.9"),
    ];

    internal static async Task MeasureAsync(BenchmarkRun run, TestFiles files, DoraContender plain)
    {
        run.Progress("TLS");
        BenchCertificate.Write(files.Certificate);
        await using DoraContender secured = await DoraContender.StartAsync(files, WorkerKind.Tls);
        await using var bare = new BareTlsContender(await ServerProcess.StartAsync("tls", files.Directory));
        var turns = new Turns(TimeSpan.FromSeconds(run.Quick ? 0.6 : 1.2), TimeSpan.FromSeconds(run.Quick ? 0.3 : 0.5), 5);
        foreach ((LoadCase load, string? target) in Cases)
        {
            Dictionary<string, List<Batch>> batches = await turns.RunAsync([secured, bare, plain], load);
            string about = $"TLS, {load.Name}";
            run.Add(new BenchmarkRow(about, "rate", "1/s", Rate(batches[secured.Name]), bare.Name, Rate(batches[bare.Name]), target));
            run.Add(new BenchmarkRow(about, "rate", "1/s", Rate(batches[secured.Name]), plain.Name, Rate(batches[plain.Name])));
            Add("server CPU per GiB", static b => b.ServerCpu);
            Add("client CPU per GiB", static b => b.ClientCpu);

            void Add(string metric, Func<Batch, double> cpu) => run.Add(
                new BenchmarkRow(about, metric, "s", PerGib(batches[secured.Name], cpu), bare.Name, PerGib(batches[bare.Name], cpu)));

            double PerGib(List<Batch> own, Func<Batch, double> cpu) => own.Sum(cpu) / own.Sum(static b => b.Requests) / load.Bytes * (1 << 30);
        }
    }

    private static double Rate(List<Batch> batches) => Statistics.Median(batches.Select(static b => b.Requests / b.Seconds));
}
