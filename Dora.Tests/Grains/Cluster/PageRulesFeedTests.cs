using Dora.Interfaces;
using Dora.Storage.Pages;
using Dora.Tests.Grains.Doubles;
using Eventually = Dora.Tests.Waiting.Eventually;

namespace Dora.Tests.Grains.Cluster;

[Trait("Category", "Cluster")]
public sealed class PageRulesFeedTests(GrainClusterFixture fixture) : IClassFixture<GrainClusterFixture>
{
    private readonly GrainCluster _cluster = fixture.Cluster;

    private IMountTableGrain Mounts => _cluster.Client.GetGrain<IMountTableGrain>(IMountTableGrain.Key);

    [Fact]
    public async Task Rules_OfAMount_ReachEveryPageStoreAndGoWithIt()
    {
        _ = _cluster.Stores["rules"];
        MountReply added = await Mounts.AddAsync(new MountView("/rules", "memory://rules", 0, "", 2 << 20, TimeSpan.FromHours(1)), default);
        ushort id = added.Table.Mounts.Single(static m => m.Path == "/rules").Id;

        await EveryStore(s => s.MountRules?.GetValueOrDefault(id) == new PageMountRule(2 << 20, TimeSpan.FromHours(1)), "has the rule");
        await Mounts.SetRulesAsync("/rules", 0, TimeSpan.FromDays(1), default);
        await EveryStore(s => s.MountRules?.GetValueOrDefault(id) == new PageMountRule(0, TimeSpan.FromDays(1)), "has the new rule");

        await Mounts.RemoveAsync("/rules", default);
        await EveryStore(s => s.RemovedMounts.Contains(id) && !s.MountRules!.ContainsKey(id), "has dropped the mount's pages");
    }

    [Fact]
    public async Task Pin_MarksWhatIsCachedBelowIt_AndUnpinTakesTheMarkAway()
    {
        var stores = await _cluster.MountAsync("/pinned", "pinned");
        stores.Add("hot/f", 10);
        stores.Add("cold/f", 10);
        FileId hot = FileId.FromUfsPath("memory://pinned/hot/f"), cold = FileId.FromUfsPath("memory://pinned/cold/f");
        foreach (string path in (string[])["/pinned/hot/f", "/pinned/cold/f"])
        {
            Assert.Equal(DoraErrorCode.None, (await _cluster.File(path).LoadAsync(0, 10, null, default)).Code);
        }

        await Mounts.PinAsync(new PinView("/pinned/hot", 30), default);
        await Eventually.Async(() => _cluster.Storage.Any(s => s.Pinned.GetValueOrDefault(hot)), "the worker that knows the file pins it");
        await EveryStore(static s => s.PinnedShare == 0.3, "has the share");
        Assert.DoesNotContain(_cluster.Storage, s => s.Pinned.ContainsKey(cold));

        await Mounts.UnpinAsync("/pinned/hot", default);
        await Eventually.Async(() => !_cluster.Storage.Any(s => s.Pinned.GetValueOrDefault(hot)), "the mark is taken away");
        await EveryStore(static s => s.PinnedShare == 0, "has no share for pins");
    }

    [Fact]
    public async Task Free_OfAWholeMount_DropsWhatNothingIsRememberedOf()
    {
        await _cluster.MountAsync("/whole/a", "whole-a");
        await _cluster.MountAsync("/whole/b", "whole-b");
        ushort[] ids = [.. (await Mounts.GetAsync()).Mounts.Where(static m => m.Path.StartsWith("/whole", StringComparison.Ordinal)).Select(static m => m.Id)];
        Assert.DoesNotContain(_cluster.Storage, s => s.RemovedMounts.Intersect(ids).Any());

        foreach (WorkerId worker in _cluster.Orleans.Silos.Select(GrainCluster.WorkerOf))
        {
            await _cluster.Client.GetGrain<IWorkerGrain>(worker.Value).FreeAsync("/whole/a/below", false, default);
            await _cluster.Client.GetGrain<IWorkerGrain>(worker.Value).FreeAsync("/whole", false, default);
        }

        Assert.All(_cluster.Storage, s => Assert.Equal(ids.Order(), s.RemovedMounts.Intersect(ids).Order()));
        Assert.All(_cluster.Storage, s => Assert.Equal(2, s.RemovedMounts.Count(ids.Contains)));
    }

    [Fact]
    public async Task Start_MountsRemovedWhileAWorkerWasDown_AreDropped()
    {
        await using GrainCluster own = await GrainCluster.StartAsync(1);
        await own.MountAsync("/old", "old");
        await own.MountAsync("/stays", "stays");
        await own.Client.GetGrain<IMountTableGrain>(IMountTableGrain.Key).RemoveAsync("/old", default);

        await own.Orleans.StartAdditionalSiloAsync();
        await own.SettleAsync();

        await Eventually.Async(() => own.Storage.All(static s => s.RemovedMounts.SequenceEqual([(ushort)1])), "the new worker has looked for the mount that is gone");
    }

    private Task EveryStore(Func<MemoryWorkerStorage, bool> condition, string what) =>
        Eventually.Async(() => _cluster.Storage.All(condition), $"every page store {what}");
}
