using System.Globalization;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Tests.Silo.Hosting;

[Trait("Category", "Cluster")]
public sealed class ManyFilesTests
{
    // DORA_TEST_FILES=5000000 for the full count: needs as many inodes below the temp directory.
    private static readonly int Files = int.Parse(Environment.GetEnvironmentVariable("DORA_TEST_FILES") ?? "300", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Read_ManyDistinctFiles_ActivatesNoGrains()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1);
        for (int i = 0; i < Files; i++)
        {
            cluster.Write($"d{i / 1000}/{i}", [1, 2, 3, (byte)i]);
        }

        await cluster.MountAsync("/data");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);
        byte[] bytes = new byte[4];
        for (int i = 0; i < Files; i++)
        {
            await using DoraFile file = await client.OpenReadAsync($"/data/d{i / 1000}/{i}");
            Assert.Equal(4, await file.ReadAsync(0, bytes));
            Assert.Equal((byte)i, bytes[3]);
        }

        WorkerStatus status = await client.GetWorkerStatusAsync(client.Workers[0].Id);
        Assert.Equal(0, status.FileGrains);
        Assert.True(status.Files >= Files, $"{status.Files} files are known");
        Assert.InRange(status.WorkingSetBytes, 1, 4L << 30);
    }
}
