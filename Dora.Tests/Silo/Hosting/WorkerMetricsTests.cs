using System.Text.RegularExpressions;
using Dora.Client;
using Dora.Diagnostics;
using Dora.Interfaces;
using Dora.Tests.Architecture;
using Dora.Tests.Doubles;
using Microsoft.Extensions.DependencyInjection;

namespace Dora.Tests.Silo.Hosting;

[Trait("Category", "Cluster")]
public sealed partial class WorkerMetricsTests
{
    private const int FileBytes = 200_000;

    [Fact]
    public async Task Collect_AfterALoad_SaysWhatTheWorkerHolds()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1);
        using MeterCollector collector = Of(cluster);
        cluster.Write("a.bin", new byte[FileBytes]);
        await cluster.MountAsync("/data");
        await cluster.Client.GetGrain<IFileGrain>("/data/a.bin").LoadAsync(0, FileBytes, null, default);

        Assert.InRange(collector.Collect("dora.cache.usage", (DoraLabels.Cache, DoraLabels.Pages)), FileBytes, 64 << 20);
        Assert.Equal(64 << 20, collector.Collect("dora.cache.limit", (DoraLabels.Cache, DoraLabels.Pages)));
        Assert.Equal(1, collector.Collect("dora.cache.entries", (DoraLabels.Cache, DoraLabels.Pages)));
        Assert.Equal(0, collector.Collect("dora.cache.damaged", (DoraLabels.Cache, DoraLabels.Pages)));
        Assert.Equal(1, collector.Collect("dora.ring.workers"));
    }

    [Fact]
    public async Task StoreRequestsFillsAndJobs_AreSpansAndMeasured()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1);
        cluster.Write("a.bin", new byte[FileBytes]);
        await cluster.MountAsync("/data");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);
        using var spans = new SpanCollector();
        using var collector = new MeterCollector(static instrument => instrument.Meter.Name == DoraDiagnostics.Name);
        using System.Diagnostics.Activity trace = new System.Diagnostics.Activity("application").Start();

        Assert.Equal(FileBytes, (await client.ReadAllBytesAsync("/data/a.bin")).Length);
        System.Diagnostics.Activity store = await spans.OneAsync(trace, "dora.store"); // the stat
        Assert.Equal("stat", store.GetTagItem(DoraLabels.Operation));
        store = await spans.OneAsync(trace, "dora.store");
        System.Diagnostics.Activity fill = await spans.OneAsync(trace, "dora.fill");
        Assert.Equal(("read", fill.SpanId), (store.GetTagItem(DoraLabels.Operation), store.ParentSpanId));
        await client.ReadAllBytesAsync("/data/a.bin");
        Assert.NotEmpty(collector.Recorded("dora.store.request.duration", (DoraLabels.Operation, "read")));
        Assert.NotEmpty(collector.Recorded("dora.read.duration", (DoraLabels.Mount, "/data"), (DoraLabels.Source, DoraLabels.Store)));
        Assert.NotEmpty(collector.Recorded("dora.read.duration", (DoraLabels.Mount, "/data"), (DoraLabels.Source, DoraLabels.Cached)));

        await client.Jobs.LoadAsync("/data");
        Assert.Equal(1, collector.Recorded("dora.job.items", (DoraLabels.Outcome, DoraLabels.Done)).Sum());
        Assert.InRange(collector.Collect("dora.store.bytes_saved"), FileBytes, double.MaxValue);
    }

    [Fact]
    public async Task Worker_Stopped_IsObservedNoMore()
    {
        WorkerCluster cluster = await WorkerCluster.StartAsync(1);
        using MeterCollector collector = Of(cluster);
        await using (cluster)
        {
            Assert.NotEqual(0, collector.Collect("dora.cache.limit", (DoraLabels.Cache, DoraLabels.Pages)));
        }

        Assert.Equal(0, collector.Collect("dora.cache.limit", (DoraLabels.Cache, DoraLabels.Pages)));
    }

    [Fact]
    public async Task Instruments_AreThoseOfTheDocument()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1);
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);
        using var collector = new MeterCollector(static instrument => instrument.Meter.Name == DoraDiagnostics.Name);
        _ = DoraInstruments.ReadDuration; // declared when first used
        string document = Repository.Read("docs/observability.md");
        string[] written = [.. DocumentedInstrument().Matches(document).Select(static m => $"{m.Groups[1].Value} {m.Groups[2].Value}").Distinct().Order(StringComparer.Ordinal)];

        Assert.Equal(written, collector.Instruments.Distinct().Order(StringComparer.Ordinal));
    }

    private static MeterCollector Of(WorkerCluster cluster) => new(cluster.Orleans.Silos[0].ServiceProvider.GetRequiredService<DoraMeter>().Owns);

    // | `dora.cache.usage` | By | ...
    [GeneratedRegex(@"^\| `(dora\.[a-z_.]+)` \| ([^ |]+) \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedInstrument();
}
