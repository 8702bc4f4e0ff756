using System.Collections.Concurrent;
using System.Diagnostics;
using Dora.Client;
using Dora.Diagnostics;
using Dora.Tests.Doubles;

namespace Dora.Tests.Client;

/// <summary>What listeners are told of a client's opens and reads. That nothing is allocated without them, <see cref="WarmReadTests"/> shows.</summary>
public sealed class ReadObserverTests
{
    private static readonly (string, string) Mount = (DoraLabels.Mount, "/data");

    [Fact]
    public async Task Read_WithAListener_IsMeasuredWithItsMount()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        using var collector = new MeterCollector(static instrument => instrument.Meter.Name == DoraDiagnostics.Name);

        await file.ReadAsync(0, new byte[700]);
        await file.ReadAsync([new FileRange(0, new byte[10]), new FileRange(500, new byte[20])]);
        await dora.ReadAllBytesAsync("/data/f");
        await dora.ReadFileAsync("/data/f", new byte[300]);

        Assert.Equal([700, 30, 1000, 300], collector.Recorded("dora.read.io", Mount));
        Assert.Equal(4, collector.Recorded("dora.read.duration", Mount).Length);
    }

    [Fact]
    public async Task Read_ThatFails_IsMeasuredWithItsError()
    {
        await using var cluster = new FakeCluster(1);
        await using DoraClient dora = await cluster.ConnectAsync();
        using var collector = new MeterCollector(static instrument => instrument.Meter.Name == DoraDiagnostics.Name);

        await Assert.ThrowsAsync<DoraException>(() => dora.ReadAllBytesAsync("/data/none"));

        Assert.Single(collector.Recorded("dora.read.duration", Mount, (DoraLabels.ErrorType, nameof(DoraErrorCode.NotFound))));
        Assert.Empty(collector.Recorded("dora.read.io", Mount));
    }

    [Fact]
    public async Task OpenAndRead_WithinASpan_AreItsChildren()
    {
        var ended = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == DoraDiagnostics.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync();
        using Activity parent = new Activity("application").Start();

        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        await file.ReadAsync(0, new byte[1000]);
        await Assert.ThrowsAsync<DoraException>(() => dora.OpenReadAsync("/data/none"));

        Activity[] spans = [.. ended.Where(a => a.TraceId == parent.TraceId).OrderBy(static a => a.StartTimeUtc)];
        Assert.Equal(["dora.open", "dora.read", "dora.open"], spans.Select(static a => a.OperationName));
        Assert.All(spans, span => Assert.Equal(parent.SpanId, span.ParentSpanId));
        Assert.All(spans, static span => Assert.Equal("/data", span.GetTagItem(DoraLabels.Mount)));
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Unset, ActivityStatusCode.Error], spans.Select(static a => a.Status));
    }

    [Fact]
    public async Task Batch_WithinASpan_IsItsChild_AndItsBytesAreMeasured()
    {
        using var spans = new SpanCollector();
        using var collector = new MeterCollector(static instrument => instrument.Meter.Name == DoraDiagnostics.Name);
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync();
        using Activity parent = new Activity("application").Start();

        await foreach (FileContent file in dora.ReadFilesAsync(["/data/f", "/data/f", "/data/none"]))
        {
            Assert.Same(parent, Activity.Current);
            file.Dispose();
        }

        Activity answer = await spans.OneAsync(parent, "dora.worker.read");
        Activity batch = await spans.OneAsync(parent, "dora.read.batch");
        Assert.Equal((parent.SpanId, batch.SpanId), (batch.ParentSpanId, answer.ParentSpanId));
        Assert.Equal([1000, 1000], collector.Recorded("dora.read.io", Mount));
    }
}
