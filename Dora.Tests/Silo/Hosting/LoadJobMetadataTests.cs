using System.Collections.Concurrent;
using Dora.Client;
using Dora.Interfaces;
using Dora.Storage.Metadata;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;
using Microsoft.Extensions.DependencyInjection;

namespace Dora.Tests.Silo.Hosting;

/// <summary>A load job lists directories, so it need not ask about each file, nor write each by itself; whichever worker owns it, and whatever the mount's rule.</summary>
[Trait("Category", "Cluster")]
public sealed class LoadJobMetadataTests
{
    private const int Files = 3000;

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

        LoadJobStatus ended = await client.LoadAsync("/data");

        Assert.Equal((LoadJobState.Succeeded, (long)Files, (long)Files * NumberedFiles.Length), (ended.State, ended.FilesDone, ended.BytesDone));
        Assert.Equal(2, metadata.Count);
        Assert.All(metadata, static m => Assert.InRange(m.Single, 0, 20)); // the mount's root, perhaps directories
        Assert.InRange(metadata.Sum(static m => m.InBatches), Files, (2 * Files) + 10); // by who lists them, and by who owns them
        Assert.InRange(metadata.Sum(static m => m.Batches), 1, 60);
        Assert.InRange(store.Stats, 0, 20);
        await Eventually.Async(
            async () => (await Task.WhenAll(client.Workers.Select(w => client.GetWorkerStatusAsync(w.Id)))).Sum(static s => s.FileGrains) <= 10,
            "the grains of loaded files have left"); // those of directories wait for their age
    }
}
