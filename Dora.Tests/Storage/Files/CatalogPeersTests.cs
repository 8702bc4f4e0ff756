using Dora.Storage.Files;

namespace Dora.Tests.Storage.Files;

/// <summary>What other workers know is used before the store is asked: as far as the mount's rule allows, and never against an invalidation.</summary>
public sealed class CatalogPeersTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Get_PeerKnowsIt_TheStoreIsNotAsked_AndItIsRemembered()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("a", 10, out _);
        fixture.Time.Advance(MaxAge / 2);
        var peers = new FakeMetadataPeers(file);
        FileCatalog catalog = Catalog(fixture, peers);

        CatalogResult first = await GetAsync(catalog, fixture, "a"), second = await GetAsync(catalog, fixture, "a");
        Assert.Equal((DoraErrorCode.None, file), (first.Code, first.Metadata));
        Assert.Equal(file, second.Metadata);
        Assert.Equal((0, 1), (fixture.Faults.Stats, peers.Asked));

        // Its age counts from when the store was asked, not from when the peer was.
        fixture.Time.Advance(MaxAge / 2 + TimeSpan.FromSeconds(1));
        Assert.Null(catalog.TryGetFresh(fixture.Path("a")));
    }

    [Theory]
    [InlineData("max-age 10s", 11, false)]
    [InlineData("max-age 10s", -1, false)]
    [InlineData("max-age 10s", 9, true)]
    [InlineData("immutable", 100_000, true)]
    [InlineData("validate-on-open", 0, false)]
    public async Task Get_PeersAnswer_IsHeldToTheMountsRule(string freshness, int age, bool isUsed)
    {
        await using var fixture = new FileFixture(freshness: freshness);
        FileMetadata file = fixture.Write("a", 10, out _);
        var peers = new FakeMetadataPeers(file with { Version = new FileVersion(99), LoadedAt = fixture.Time.GetUtcNow().AddSeconds(-age) });

        CatalogResult result = await GetAsync(Catalog(fixture, peers), fixture, "a");

        Assert.Equal(isUsed ? new FileVersion(99) : file.Version, result.Metadata!.Version);
        Assert.Equal(isUsed ? 0 : 1, fixture.Faults.Stats);
        Assert.Equal(freshness == "validate-on-open" ? 0 : 1, peers.Asked);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(4, false)]
    public async Task Get_PeerKnowsThatNothingIsThere_IsBelievedForAsLongAsAnAnswerOfTheStore(int age, bool isUsed)
    {
        await using var fixture = new FileFixture();
        fixture.Write("a", 10, out _);
        var peers = new FakeMetadataPeers(FileMetadata.Missing("memory://root/a", fixture.Time.GetUtcNow().AddSeconds(-age)));

        CatalogResult result = await GetAsync(Catalog(fixture, peers), fixture, "a");

        Assert.Equal(isUsed ? DoraErrorCode.NotFound : DoraErrorCode.None, result.Code);
    }

    [Fact]
    public async Task Refresh_NeverAsksPeers_AndDoesNotShareTheirAnswer()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("a", 10, out _);
        var gate = new TaskCompletionSource();
        var peers = new FakeMetadataPeers(file with { Version = new FileVersion(99) }) { Gate = gate.Task };
        FileCatalog catalog = Catalog(fixture, peers);

        Task<CatalogResult> asking = GetAsync(catalog, fixture, "a");
        Task<CatalogResult> refreshing = catalog.GetAsync(fixture.Path("a"), refresh: true, default).AsTask();
        gate.SetResult();

        Assert.Equal(new FileVersion(99), (await asking).Metadata!.Version);
        Assert.Equal(file.Version, (await refreshing).Metadata!.Version);
        Assert.Equal((1, 1), (fixture.Faults.Stats, peers.Asked));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Forgotten_BeforeThePeerIsAsked_ItsOlderAnswerDoesNotComeBack(bool isPrefix)
    {
        await using var fixture = new FileFixture(freshness: "immutable");
        FileMetadata file = fixture.Write("a", 10, out _);
        var peers = new FakeMetadataPeers(file with { Version = new FileVersion(99) });
        FileCatalog catalog = Catalog(fixture, peers);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        Forget(catalog, file, isPrefix);

        Assert.Equal(file.Version, (await GetAsync(catalog, fixture, "a")).Metadata!.Version);
        Assert.Equal((1, 1), (fixture.Faults.Stats, peers.Asked));

        // What the peer asked of the store after that, with a minute for its clock, is news.
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        FileMetadata later = file with { Version = new FileVersion(100), LoadedAt = fixture.Time.GetUtcNow() };
        await catalog.RememberAsync([later], default);
        Assert.Equal(later, catalog.TryGetFresh(fixture.Path("a")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Forgotten_WhileThePeerIsAsked_TheStoreIsAsked_AndTheOldAnswerIsNotRemembered(bool isPrefix)
    {
        await using var fixture = new FileFixture(freshness: "immutable");
        FileMetadata file = fixture.Write("a", 10, out _);
        var gate = new TaskCompletionSource();
        var peers = new FakeMetadataPeers(file with { Version = new FileVersion(99) }) { Gate = gate.Task };
        FileCatalog catalog = Catalog(fixture, peers);

        Task<CatalogResult> asking = GetAsync(catalog, fixture, "a");
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        Forget(catalog, file, isPrefix);
        gate.SetResult();

        Assert.Equal(file.Version, (await asking).Metadata!.Version);
        Assert.NotEqual(new FileVersion(99), catalog.TryGetKnown(file.Id)?.Version);
        Assert.Equal(file.Version, (await GetAsync(catalog, fixture, "a")).Metadata!.Version);
    }

    [Fact]
    public async Task TakenOver_AfterItWasForgotten_DoesNotComeBack()
    {
        await using var fixture = new FileFixture(freshness: "immutable");
        FileMetadata file = fixture.Write("a", 10, out _), other = fixture.Write("b", 10, out _);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        fixture.Catalog.Forget(file.Id);

        await fixture.Catalog.RememberAsync([file, other], default);

        Assert.Null(fixture.Catalog.TryGetKnown(file.Id));
        Assert.Equal(other, fixture.Catalog.TryGetKnown(other.Id));
    }

    private static FileCatalog Catalog(FileFixture fixture, IMetadataPeers peers) =>
        new(fixture.Memory, fixture.Pages, fixture.Provider, new FileCatalogOptions(), fixture.Time, peers: peers);

    private static Task<CatalogResult> GetAsync(FileCatalog catalog, FileFixture fixture, string path) =>
        catalog.GetAsync(fixture.Path(path), refresh: false, default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private static void Forget(FileCatalog catalog, FileMetadata file, bool isPrefix)
    {
        if (isPrefix)
        {
            catalog.ForgetNegative("memory://root");
        }
        else
        {
            catalog.Forget(file.Id);
        }
    }

    private sealed class FakeMetadataPeers(FileMetadata known) : IMetadataPeers
    {
        private int _asked;

        public int Asked => _asked;

        public Task Gate { get; init; } = Task.CompletedTask;

        public async ValueTask<FileMetadata?> FindAsync(MountedPath path, FileId file, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            await Gate;
            return known;
        }
    }
}
