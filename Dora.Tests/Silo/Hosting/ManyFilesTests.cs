using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Dora.Client;
using Dora.Interfaces;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace Dora.Tests.Silo.Hosting;

/// <summary>Reads far more files than a worker may have activations or memory for. The store makes its files up, so that the count is free: the full one is in docs/benchmarks/files.md.</summary>
[Trait("Category", "Cluster")]
[Collection(MeasuredAlone.Name)]
public sealed class ManyFilesTests(ITestOutputHelper output)
{
    private const int Slices = 20;
    private const int Readers = 16;
    private const long Growth = 300L << 20;

    // DORA_TEST_FILES=5000000 for the full count.
    private static readonly int Files = int.Parse(Environment.GetEnvironmentVariable("DORA_TEST_FILES") ?? "2000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Read_ManyDistinctFiles_LeavesActivationsAndMemoryBounded()
    {
        var store = new NumberedFiles(Files);
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(
            1, silo => silo.Services.AddSingleton<IUfsProvider>(new UfsProvider([new("numbered", _ => store)])));
        await cluster.MountAsync("/data", "numbered://files", "immutable");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);
        IManagementGrain management = cluster.Client.GetGrain<IManagementGrain>(0);
        await ReadAsync(client, 0, Files / Slices);
        int before = await management.GetTotalActivationCount();
        long start = ProcessMemory.Now();
        int mostGrains = 0, mostActivations = 0;
        long mostMemory = 0;
        for (int slice = 1; slice < Slices; slice++)
        {
            var watch = Stopwatch.StartNew();
            int from = (int)((long)Files * slice / Slices), to = (int)((long)Files * (slice + 1) / Slices);
            await ReadAsync(client, from, to);
            WorkerStatus status = await client.GetWorkerStatusAsync(client.Workers[0].Id);
            mostGrains = Math.Max(mostGrains, (int)status.FileGrains);
            mostActivations = Math.Max(mostActivations, await management.GetTotalActivationCount());
            mostMemory = Math.Max(mostMemory, ProcessMemory.Now());
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{to:N0} files: {(to - from) / watch.Elapsed.TotalSeconds:N0} files/s, {status.FileGrains} file grains, {status.WorkingSetBytes >> 20} MiB, heap {GC.GetTotalMemory(false) >> 20} MiB"));
        }

        output.WriteLine($"activations: {before} before, {mostActivations} at most; memory: {start >> 20} MiB before, {ProcessMemory.Peak() >> 20} MiB at most");
        Assert.InRange(store.Stats, Files, Files + 10); // each file once, and the root when it was mounted
        Assert.Equal(0, mostGrains);
        Assert.InRange(mostActivations, 0, before + 10);
        Assert.True(Files < 100_000 || mostMemory - start <= Growth, $"memory grew from {start >> 20} to {mostMemory >> 20} MiB");
    }

    private static Task ReadAsync(DoraClient client, int from, int to) => Parallel.ForEachAsync(
        Enumerable.Range(0, Readers), new ParallelOptions { MaxDegreeOfParallelism = Readers }, async (reader, cancel) =>
        {
            byte[] bytes = new byte[NumberedFiles.Length];
            for (int number = from + reader; number < to; number += Readers)
            {
                await using DoraFile file = await client.OpenReadAsync($"/data/{NumberedFiles.PathOf(number)}", cancel);
                Assert.Equal(NumberedFiles.Length, await file.ReadAsync(0, bytes, cancel));
                Assert.Equal(number, BinaryPrimitives.ReadInt32LittleEndian(bytes));
            }
        });
}
