using Dora.Interfaces;
using Dora.Storage.Ufs;
using Dora.Tests.Grains.Doubles;

namespace Dora.Tests.Grains.Mounts;

[Trait("Category", "Cluster")]
public sealed class MountTableGrainTests(GrainClusterFixture fixture) : IClassFixture<GrainClusterFixture>
{
    private readonly GrainCluster _cluster = fixture.Cluster;

    private IMountTableGrain Mounts => _cluster.Client.GetGrain<IMountTableGrain>(IMountTableGrain.Key);

    [Fact]
    public async Task Add_Mount_EveryWorkerKnowsItWhenTheReplyComes()
    {
        MountReply reply = await Mounts.AddAsync(new MountView("/known/", "memory://known/", 0, ""), default);

        Assert.Equal(DoraErrorCode.None, reply.Code);
        MountView added = Assert.Single(reply.Table.Mounts, static m => m.Path == "/known");
        Assert.Equal(("memory://known", FetchGeometry.DefaultSize), (added.Ufs, added.FetchSize));
        Assert.All(_cluster.Orleans.Silos, s => Assert.True(GrainCluster.StateOf(s).Current.Mounts.Version >= reply.Table.Version));
    }

    [Fact]
    public async Task Remove_Mount_EveryWorkerForgetsIt()
    {
        await _cluster.MountAsync("/gone", "gone");

        MountReply reply = await Mounts.RemoveAsync("/gone", default);

        Assert.Equal(DoraErrorCode.None, reply.Code);
        Assert.Equal(DoraErrorCode.NotMounted, (await _cluster.File("/gone/f").StatAsync(false, default)).Code);
        Assert.Equal(DoraErrorCode.NotFound, (await Mounts.RemoveAsync("/gone", default)).Code);
    }

    [Theory]
    [InlineData("no-slash", "memory://x", 0, "", DoraErrorCode.InvalidPath, "does not start with '/'")]
    [InlineData("/bad", "memory", 0, "", DoraErrorCode.InvalidPath, "neither an absolute path nor scheme://location")]
    [InlineData("/bad", "gopher://x", 0, "", DoraErrorCode.NotSupported, "there is no connector for 'gopher'")]
    [InlineData("/bad", "memory://x", 1000, "", DoraErrorCode.InvalidArgument, "fetch size 1000")]
    [InlineData("/bad", "memory://x", 0, "sometimes", DoraErrorCode.InvalidArgument, "no freshness rule")]
    [InlineData("/bad", "memory://absent", 0, "", DoraErrorCode.NotFound, "'memory://absent' does not exist")]
    [InlineData("/bad", "memory://denied", 0, "", DoraErrorCode.Denied, "cannot be read")]
    [InlineData("/bad", "memory://file", 0, "", DoraErrorCode.NotDirectory, "is a file: mount a directory")]
    public async Task Add_BadMount_IsRefusedInOneLine(string path, string ufs, int fetchSize, string freshness, DoraErrorCode code, string words)
    {
        _cluster.Stores["absent"].Refuse = UfsStatus.NotFound;
        _cluster.Stores["denied"].Refuse = UfsStatus.Denied;
        _cluster.Stores["file"].Add(string.Empty, 1);

        MountReply reply = await Mounts.AddAsync(new MountView(path, ufs, fetchSize, freshness), default);

        Assert.Equal(code, reply.Code);
        Assert.Contains(words, reply.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reply.Message!);
        Assert.DoesNotContain(reply.Table.Mounts, static m => m.Path == "/bad");
    }

    [Fact]
    public async Task Add_PathTwice_SaysWhatIsThere()
    {
        await _cluster.MountAsync("/twice", "twice");

        MountReply reply = await Mounts.AddAsync(new MountView("/twice", "memory://other", 0, ""), default);

        Assert.Equal(DoraErrorCode.AlreadyExists, reply.Code);
        Assert.Contains("'/twice' is a mount of 'memory://twice' already", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_RootsThatShareFiles_MayHaveOtherFetchSizes()
    {
        await _cluster.MountAsync("/pages", "pages");

        MountReply inner = await Mounts.AddAsync(new MountView("/pages2", "memory://pages/inner", 65536, ""), default);
        await Mounts.RemoveAsync("/pages", default);
        MountReply again = await Mounts.AddAsync(new MountView("/pages", "memory://pages", 131072, ""), default);

        Assert.Equal((DoraErrorCode.None, DoraErrorCode.None), (inner.Code, again.Code));
    }

    [Fact]
    public async Task Rules_AddedThenSet_EveryWorkerKnowsThem()
    {
        _ = _cluster.Stores["ruled"];
        MountReply added = await Mounts.AddAsync(new MountView("/ruled", "memory://ruled", 0, "", 1 << 20, TimeSpan.FromDays(7)), default);
        Assert.Equal((DoraErrorCode.None, 1 << 20, TimeSpan.FromDays(7)), (added.Code, Ruled(added).QuotaBytes, Ruled(added).PageTtl));

        MountReply set = await Mounts.SetRulesAsync("/ruled", 5L << 20, TimeSpan.Zero, default);

        Assert.Equal((DoraErrorCode.None, 5L << 20, TimeSpan.Zero, Ruled(added).Id), (set.Code, Ruled(set).QuotaBytes, Ruled(set).PageTtl, Ruled(set).Id));
        Assert.NotEqual(0, Ruled(set).Id);
        Assert.All(_cluster.Orleans.Silos, s => Assert.Equal(
            5L << 20, GrainCluster.StateOf(s).Current.Mounts.Resolve(DoraPath.Parse("/ruled"))!.Value.Mount.Rules.QuotaBytes));
        Assert.Equal(DoraErrorCode.NotFound, (await Mounts.SetRulesAsync("/no/such", 0, default, default)).Code);
        Assert.Equal(DoraErrorCode.InvalidArgument, (await Mounts.SetRulesAsync("/ruled", 1, default, default)).Code);

        static MountView Ruled(MountReply reply) => reply.Table.Mounts.Single(static m => m.Path == "/ruled");
    }

    [Fact]
    public async Task Pin_ThenUnpin_EveryWorkerKnows()
    {
        await _cluster.MountAsync("/pins", "pins");

        MountReply pinned = await Mounts.PinAsync(new PinView("/pins/hot/", 30), default);
        MountReply again = await Mounts.PinAsync(new PinView("/pins/hot", 25), default);

        Assert.Equal(("/pins/hot", 30), (Assert.Single(pinned.Table.Pins!).Prefix, pinned.Table.Pins![0].SharePercent));
        Assert.Equal(25, Assert.Single(again.Table.Pins!).SharePercent);
        Assert.All(_cluster.Orleans.Silos, s => Assert.Equal(25, GrainCluster.StateOf(s).Current.Mounts.PinOfUfs("memory://pins/hot/f")?.SharePercent));
        Assert.Equal(DoraErrorCode.None, (await Mounts.UnpinAsync("/pins/hot", default)).Code);
        Assert.Equal(DoraErrorCode.NotFound, (await Mounts.UnpinAsync("/pins/hot", default)).Code);
    }

    [Theory]
    [InlineData("no-slash", 20, DoraErrorCode.InvalidPath, "does not start with '/'")]
    [InlineData("/nothing/here", 20, DoraErrorCode.NotMounted, "is under no mount")]
    [InlineData("/toomuch", 0, DoraErrorCode.InvalidArgument, "a share of 0%")]
    [InlineData("/toomuch/b", 31, DoraErrorCode.InvalidArgument, "31% for '/toomuch/b' and 50% for other pins")]
    public async Task Pin_Bad_IsRefusedInOneLine(string path, int share, DoraErrorCode code, string words)
    {
        if ((await Mounts.GetAsync()).Mounts.All(static m => m.Path != "/toomuch"))
        {
            await _cluster.MountAsync("/toomuch", "toomuch");
        }

        Assert.Equal(DoraErrorCode.None, (await Mounts.PinAsync(new PinView("/toomuch/a", 50), default)).Code);
        MountReply reply = await Mounts.PinAsync(new PinView(path, share), default);
        await Mounts.UnpinAsync("/toomuch/a", default);

        Assert.Equal(code, reply.Code);
        Assert.Contains(words, reply.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reply.Message!);
    }

    [Fact]
    public async Task View_LongPoll_AnswersWhenAMountIsAdded()
    {
        IClusterViewGrain view = _cluster.Client.GetGrain<IClusterViewGrain>(0);
        ClusterView before = await view.GetAsync();
        Task<ClusterView> waiting = view.WaitForChangeAsync(before.MembershipVersion, before.Mounts.Version, TimeSpan.FromSeconds(20), default);

        await _cluster.MountAsync("/polled", "polled");
        ClusterView after = await waiting.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(2, before.Workers.Length);
        Assert.True(after.Mounts.Version > before.Mounts.Version);
        Assert.Contains(after.Mounts.Mounts, static m => m.Path == "/polled");
    }

    [Fact]
    public async Task View_NothingChanges_AnswersTheCurrentAfterTheWait()
    {
        IClusterViewGrain view = _cluster.Client.GetGrain<IClusterViewGrain>(0);
        ClusterView before = await view.GetAsync();

        ClusterView after = await view.WaitForChangeAsync(before.MembershipVersion, before.Mounts.Version, TimeSpan.FromMilliseconds(50), default);

        Assert.Equal(before.MembershipVersion, after.MembershipVersion);
        Assert.Equal(before.Mounts.Version, after.Mounts.Version);
    }
}
