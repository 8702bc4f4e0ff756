using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Dora.Client;
using Dora.Interfaces;
using Dora.Storage.Metadata;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace Dora.Tests.Silo.Hosting;

/// <summary>A load job lists directories, so it need not ask about each file, nor write each by itself; whichever worker owns it, and whatever the mount's rule.</summary>
[Trait("Category", "Cluster")]
public sealed class LoadJobMetadataTests(ITestOutputHelper output)
{
    // DORA_TEST_LOAD_FILES=200000 for a job that takes a while.
    private static readonly int Files = int.Parse(Environment.GetEnvironmentVariable("DORA_TEST_LOAD_FILES") ?? "3000", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("immutable")]
    [InlineData("max-age 10s")]
    [InlineData("validate-on-open")]
    public async Task Load_Directory_WritesMetadataInBatches(string freshness)
    {
        var store = new NumberedFiles(Files);
        ConcurrentBag<CountingMetadataStore> metadata = [];
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(2, silo =>
        {
            silo.Services.AddSingleton<IUfsProvider>(new UfsProvider([new("numbered", _ => store)]));
            ServiceDescriptor real = silo.Services.Last(static d => d.ServiceType == typeof(IMetadataStore));
            silo.Services.AddSingleton<IMetadataStore>(s =>
            {
                var counting = new CountingMetadataStore((IMetadataStore)real.ImplementationFactory!(s));
                metadata.Add(counting);
                return counting;
            });
        });
        await cluster.MountAsync("/data", "numbered://files", freshness);
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);

        var watch = Stopwatch.StartNew();
        Task<LoadJobStatus> loading = client.Jobs.LoadAsync("/data");
        long grains = 0;
        while (await Task.WhenAny(loading, Task.Delay(TimeSpan.FromMilliseconds(100))) != loading)
        {
            grains = Math.Max(grains, await GrainsAsync(client));
        }

        LoadJobStatus ended = await loading;
        grains = Math.Max(grains, await GrainsAsync(client));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Files:N0} files, {freshness}: {Files / watch.Elapsed.TotalSeconds:N0}/s, {grains} file grains at most; {metadata.Sum(static m => m.Single)} entries put one by one, {metadata.Sum(static m => m.InBatches):N0} in {metadata.Sum(static m => m.Batches):N0} batches; {store.Stats} stats"));

        Assert.Equal((LoadJobState.Succeeded, (long)Files, (long)Files * NumberedFiles.Length), (ended.State, ended.FilesDone, ended.BytesDone));
        Assert.Equal(2, metadata.Count);
        Assert.All(metadata, static m => Assert.InRange(m.Single, 0, 20)); // the mount's root, perhaps directories
        Assert.InRange(metadata.Sum(static m => m.InBatches), Files, Files + (Files / 100) + 10); // by who owns them, and the directories
        Assert.InRange(metadata.Sum(static m => m.Batches), 1, 60 + (Files / 50));
        Assert.InRange(store.Stats, 0, 20);

        Assert.InRange(grains, 0, (Files / 1000) + 10); // those of directories
    }

    private static async Task<long> GrainsAsync(DoraClient client) =>
        (await Task.WhenAll(client.Workers.Select(w => client.GetWorkerStatusAsync(w.Id)))).Sum(static s => s.FileGrains);
}
