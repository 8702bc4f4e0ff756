using Dora.Client;

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
}
