using Dora.Client;
using Dora.Diagnostics;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Tests.Doubles;

namespace Dora.Tests.Client;

/// <summary>The warm path, both ends in one process.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class WarmReadTests
{
    [Fact]
    public async Task Read_Warm_AllocatesNoBuffersPerRequest()
    {
        const int Reads = 2000;
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1_000_000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        byte[] buffer = new byte[64 * 1024];
        await ReadManyAsync(200);

        long before = GC.GetTotalAllocatedBytes();
        await ReadManyAsync(Reads);
        long perRead = (GC.GetTotalAllocatedBytes() - before) / Reads;

        // Unoptimized builds allocate every state machine, 5 KiB in all, optimized ones far less; a buffer would take 64 KiB.
        Assert.True(perRead < 16 * 1024, $"a warm read of 64 KiB allocates {perRead} bytes over client and worker");

        async Task ReadManyAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                long offset = i * 4096L % 900_000;
                Assert.Equal(buffer.Length, await file.ReadAsync(offset, buffer));
                Assert.Equal(content[offset], buffer[0]);
            }
        }
    }

    [Fact]
    public async Task Read_WarmAndNobodyListens_AllocatesNotOneByte()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 100_000);
        var workers = new LocalWorkers();
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Channel = new() { LocalWorkers = workers } });
        WorkerInfo worker = dora.Workers[0];
        workers.Add(worker.Id, worker.Host, worker.PagePort, new InMemory());
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        byte[] buffer = new byte[4096];

        Assert.Equal(0, Allocated());
        using (new MeterCollector(static instrument => instrument.Meter.Name == DoraDiagnostics.Name))
        using (new SpanCollector())
        {
            Assert.NotEqual(0, Allocated());
        }

        Assert.Equal(0, Allocated());

        long Allocated()
        {
            Read(100);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Read(1000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Read(int count)
        {
            for (int i = 0; i < count; i++)
            {
                ValueTask<int> read = file.ReadAsync(i, buffer);
                Assert.True(read.IsCompletedSuccessfully && read.Result == buffer.Length);
            }
        }
    }

    private sealed class InMemory : ILocalWorker
    {
        public bool TryRead(in ReadRequest request, Span<byte> destination, out int bytes)
        {
            destination.Fill(7);
            bytes = destination.Length;
            return true;
        }
    }
}
