using Dora.Storage.Files;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;

namespace Dora.Tests.Storage.Files;

public sealed class FileCatalogTests : IAsyncLifetime
{
    private readonly FileFixture _fixture = new();

    private FileCatalog Catalog => _fixture.Catalog;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Get_TwiceWithinMaxAge_AsksOnce()
    {
        FileMetadata file = _fixture.Write("a", 10, out _);
        Assert.Null(Catalog.TryGetFresh(_fixture.Path("a")));
        CatalogResult result = await GetAsync("a");
        Assert.Equal((DoraErrorCode.None, file), (result.Code, result.Metadata));
        Assert.Same(result.Metadata, (await GetAsync("a")).Metadata);
        Assert.Same(result.Metadata, Catalog.TryGetFresh(_fixture.Path("a")));
        Assert.Equal(1, _fixture.Faults.Stats);

        _fixture.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(Catalog.TryGetFresh(_fixture.Path("a")));
        Assert.NotNull(Catalog.TryGetKnown(file.Id));
        await GetAsync("a");
        Assert.Equal(2, _fixture.Faults.Stats);
        await GetAsync("a", refresh: true);
        Assert.Equal(3, _fixture.Faults.Stats);
    }

    [Fact]
    public async Task Get_ManyAtOnce_AsksOnce()
    {
        _fixture.Write("a", 10, out _);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        Task<CatalogResult>[] asked = [.. Enumerable.Range(0, 100).Select(i => GetAsync("a", refresh: i % 2 == 0))];
        gate.SetResult();
        foreach (CatalogResult result in await Task.WhenAll(asked).WaitAsync(TimeSpan.FromSeconds(30)))
        {
            Assert.Equal(10, result.Metadata!.Length);
        }

        Assert.Equal(1, _fixture.Faults.Stats);
    }

    [Fact]
    public async Task Get_FromManyThreads_AsksOnce()
    {
        for (int round = 0; round < 200; round++)
        {
            string path = $"f{round}";
            _fixture.Write(path, 10, out _);
            int before = _fixture.Faults.Stats;
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => GetAsync(path))));
            Assert.Equal(1, _fixture.Faults.Stats - before);
        }
    }

    [Fact]
    public async Task Get_AnsweredBetweenLookAndQuestion_DoesNotAskAgain()
    {
        _fixture.Write("a", 10, out _);
        _fixture.Memory.AfterGet = () =>
        {
            _fixture.Memory.AfterGet = null;
            Assert.True(Task.Run(() => GetAsync("a")).Wait(TimeSpan.FromSeconds(30)), "the other caller did not end in 30 s");
        };
        Assert.Equal(10, (await GetAsync("a")).Metadata!.Length);
        Assert.Equal(1, _fixture.Faults.Stats);
    }

    [Fact]
    public async Task Get_Cold_LooksEachFileUpOnce()
    {
        const int Files = 50;
        using var counted = new CountingMetadataStore(_fixture.Memory);
        var catalog = new FileCatalog(counted, _fixture.Pages, _fixture.Provider, new FileCatalogOptions(), _fixture.Time);
        for (int i = 0; i < Files; i++)
        {
            _fixture.Write($"f{i}", 10, out _);
        }

        Assert.Null(catalog.TryGetFresh(_fixture.Path("f0"))); // as the thread that receives does first
        for (int i = 0; i < Files; i++)
        {
            CatalogResult found = await catalog.GetAsync(_fixture.Path($"f{i}"), refresh: false, default);
            Assert.Equal((DoraErrorCode.None, true), (found.Code, found.FromStore));
        }

        Assert.Equal((Files, Files), (counted.Gets, counted.Single));
        Assert.False((await catalog.GetAsync(_fixture.Path("f0"), refresh: false, default)).FromStore);
        Assert.Equal(Files + 1, counted.Gets);
    }

    [Fact]
    public async Task Get_CallerLeaves_OthersGetTheAnswer()
    {
        _fixture.Write("a", 10, out _);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        using var leave = new CancellationTokenSource();
        Task<CatalogResult> first = Catalog.GetAsync(_fixture.Path("a"), false, leave.Token).AsTask();
        Task<CatalogResult> second = GetAsync("a");
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal(DoraErrorCode.None, (await second).Code);
        Assert.Equal(1, _fixture.Faults.Stats);
    }

    [Fact]
    public async Task Get_Missing_IsBelievedForThreeSeconds()
    {
        CatalogResult result = await GetAsync("no");
        Assert.Equal((DoraErrorCode.NotFound, FileKind.Missing), (result.Code, result.Metadata!.Kind));
        _fixture.Write("no", 1, out _);
        _fixture.Time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(DoraErrorCode.NotFound, (await GetAsync("no")).Code);
        _fixture.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(DoraErrorCode.None, (await GetAsync("no")).Code);
        Assert.Equal(2, _fixture.Faults.Stats);
    }

    [Fact]
    public async Task Get_ValidateOnOpen_AsksEveryTime()
    {
        await using var fixture = new FileFixture(freshness: "validate-on-open");
        fixture.Write("a", 1, out _);
        foreach (string path in new[] { "a", "a", "no", "no" })
        {
            await fixture.Catalog.GetAsync(fixture.Path(path), false, CancellationToken.None);
        }

        Assert.Equal(4, fixture.Faults.Stats);
    }

    [Fact]
    public async Task Get_Immutable_NegativeEntriesStillAge()
    {
        await using var fixture = new FileFixture(freshness: "immutable");
        await fixture.Catalog.GetAsync(fixture.Path("a"), false, CancellationToken.None);
        fixture.Write("a", 1, out _);
        fixture.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(DoraErrorCode.None, (await fixture.Catalog.GetAsync(fixture.Path("a"), false, CancellationToken.None)).Code);
        fixture.Time.Advance(TimeSpan.FromDays(400));
        Assert.NotNull(fixture.Catalog.TryGetFresh(fixture.Path("a")));
    }

    [Fact]
    public async Task Get_StoreDown_UnavailableWithALineAndNothingRemembered()
    {
        _fixture.Write("a", 1, out _);
        _fixture.Faults.Throw = new HttpRequestException("connection refused");
        CatalogResult thrown = await GetAsync("a");
        Assert.Equal((DoraErrorCode.Unavailable, null), (thrown.Code, thrown.Metadata));
        Assert.Equal("the store of 'memory://root/a' did not answer (connection refused): try again", thrown.Error);

        _fixture.Faults.Throw = null;
        _fixture.Faults.Refuse = UfsStatus.Denied;
        Assert.Equal((DoraErrorCode.Denied, "the store says Denied"), ((await GetAsync("a")).Code, (await GetAsync("a")).Error));
        _fixture.Faults.Refuse = UfsStatus.Ok;
        Assert.Equal(DoraErrorCode.None, (await GetAsync("a")).Code);
    }

    [Fact]
    public async Task Get_UnknownScheme_NotSupported()
    {
        var mount = new Mount(DoraPath.Parse("/x"), UfsUri.Parse("ftp://host/x"), FileFixture.Page, Freshness.Default);
        CatalogResult result = await Catalog.GetAsync(new MountedPath(mount, "a"), false, CancellationToken.None);
        Assert.Equal(DoraErrorCode.NotSupported, result.Code);
        UfsListResult list = await Catalog.ListAsync(new MountedPath(mount, string.Empty), null, 10, CancellationToken.None);
        Assert.Equal(UfsStatus.NotSupported, list.Status);
    }

    [Fact]
    public async Task Refresh_NewVersion_DropsTheOldPages()
    {
        FileMetadata old = _fixture.Write("a", FileFixture.Grid, out byte[] content);
        await GetAsync("a");
        await _fixture.ReadCheckedAsync(old, content, 0, FileFixture.Grid);
        await _fixture.IdleAsync();
        await GetAsync("a", refresh: true);
        Assert.Equal(1, _fixture.Pages.Statistics.Pages);

        FileMetadata changed = _fixture.Write("a", FileFixture.Grid + 1, out _);
        CatalogResult result = await GetAsync("a", refresh: true);

        Assert.Equal(changed.Version, result.Metadata!.Version);
        Assert.Equal(0, _fixture.Pages.Statistics.Pages);
    }

    [Fact]
    public async Task Refresh_FileGone_DropsItsPages()
    {
        FileMetadata old = _fixture.Write("a", 100, out byte[] content);
        await GetAsync("a");
        await _fixture.ReadCheckedAsync(old, content, 0, 100);
        await _fixture.IdleAsync();
        _fixture.Store.Remove("a");
        Assert.Equal(DoraErrorCode.NotFound, (await GetAsync("a", refresh: true)).Code);
        Assert.Equal(0, _fixture.Pages.Statistics.Pages);
    }

    [Fact]
    public async Task Forget_WhileTheStoreIsAsked_AnswerIsNotRemembered()
    {
        FileMetadata file = _fixture.Write("a", 1, out _);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        Task<CatalogResult> asked = GetAsync("a");
        Assert.False(Catalog.Forget(file.Id));
        gate.SetResult();
        Assert.Equal(DoraErrorCode.None, (await asked).Code);
        Assert.Null(Catalog.TryGetKnown(file.Id));
        await GetAsync("a");
        Assert.True(Catalog.Forget(file.Id));
    }

    [Fact]
    public async Task ForgetUnder_WhileTheStoreIsAskedOfAnUnknownFile_AnswerIsNotRemembered()
    {
        FileMetadata file = _fixture.Write("d/a", 1, out _), other = _fixture.Write("e/a", 1, out _);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        Task<CatalogResult>[] asked = [GetAsync("d/a"), GetAsync("e/a")];
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Catalog.ForgetNegative("memory://root/d");
        gate.SetResult();
        Assert.All(await Task.WhenAll(asked), static a => Assert.Equal(DoraErrorCode.None, a.Code));
        Assert.Null(Catalog.TryGetKnown(file.Id));
        Assert.NotNull(Catalog.TryGetKnown(other.Id));
        await GetAsync("d/a");
        Assert.NotNull(Catalog.TryGetKnown(file.Id));
    }

    [Fact]
    public async Task Forget_WhileTheStoreLists_EntriesAreNotRemembered()
    {
        FileMetadata file = _fixture.Write("d/a", 1, out _);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        Task<UfsListResult> listing = Catalog.ListAsync(_fixture.Path("d"), null, 10, CancellationToken.None).AsTask();
        Catalog.Forget(file.Id);
        gate.SetResult();
        Assert.Single((await listing).Entries);
        Assert.Null(Catalog.TryGetKnown(file.Id));
    }

    [Fact]
    public async Task Refresh_WhileAQuestionIsAnsweredFromMemory_AsksTheStore()
    {
        _fixture.Write("a", 10, out _);
        int looks = 0;
        Task<CatalogResult>? refreshed = null;
        _fixture.Memory.AfterGet = () =>
        {
            switch (++looks)
            {
                case 1:
                    // The first caller has found nothing; another one brings the answer to memory.
                    Assert.True(Task.Run(() => GetAsync("a", refresh: true)).Wait(TimeSpan.FromSeconds(30)), "the other caller did not end in 30 s");
                    looks = 10;
                    break;
                case 11:
                    // The first caller's question has found that answer; before it is given, the file changes and somebody asks for a refresh.
                    _fixture.Write("a", 11, out _);
                    refreshed = GetAsync("a", refresh: true);
                    break;
            }
        };
        Assert.Equal(10, (await GetAsync("a")).Metadata!.Length);
        Assert.Equal(11, (await refreshed!).Metadata!.Length);
    }

    [Fact]
    public async Task List_Directory_RemembersChildrenAndDropsOldPages()
    {
        FileMetadata changing = _fixture.Write("d/a", 100, out byte[] content);
        await GetAsync("d/a");
        await _fixture.ReadCheckedAsync(changing, content, 0, 100);
        await _fixture.IdleAsync();
        _fixture.Write("d/a", 101, out _);
        _fixture.Write("d/b", 7, out _);
        _fixture.Write("d/sub/c", 7, out _);
        int stats = _fixture.Faults.Stats;

        UfsListResult page = await Catalog.ListAsync(_fixture.Path("d"), null, 10, CancellationToken.None);

        Assert.Equal(["a", "b", "sub"], page.Entries.Select(static e => e.Name));
        Assert.Equal(101, (await GetAsync("d/a")).Metadata!.Length);
        Assert.Equal(7, (await GetAsync("d/b")).Metadata!.Length);
        Assert.Equal(FileKind.Directory, (await GetAsync("d/sub")).Metadata!.Kind);
        Assert.Equal(stats, _fixture.Faults.Stats);
        Assert.Equal(0, _fixture.Pages.Statistics.Pages);
        Assert.Equal(["memory://root/d/a", "memory://root/d/b", "memory://root/d/sub"], Catalog.EnumerateUnder("memory://root/d").Select(static m => m.UfsPath));
    }

    [Fact]
    public async Task Get_SlowAnswerAfterAListing_TheListingStays()
    {
        FileMetadata file = _fixture.Write("d/a", 1, out _);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        Task<CatalogResult> slow = GetAsync("d/a");
        _fixture.Faults.Gate = Task.CompletedTask;
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await Catalog.ListAsync(_fixture.Path("d"), null, 10, CancellationToken.None);
        FileMetadata listed = Catalog.TryGetKnown(file.Id)!;

        gate.SetResult();
        Assert.Same(listed, (await slow).Metadata);
        Assert.Same(listed, Catalog.TryGetKnown(file.Id));
    }

    [Fact]
    public async Task Get_StoreThatCanTell_IsAskedOnConditionAndSaysNotModified()
    {
        FileMetadata file = _fixture.Write("a", 10, out _);
        _fixture.Faults.IsConditional = true;
        await GetAsync("a");
        Assert.Equal(0, _fixture.Faults.ConditionalStats);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));

        CatalogResult same = await GetAsync("a");
        Assert.Equal(1, _fixture.Faults.ConditionalStats);
        Assert.Equal(file with { LoadedAt = _fixture.Time.GetUtcNow() }, same.Metadata);

        FileMetadata changed = _fixture.Write("a", 11, out _);
        Assert.Equal(changed.Version, (await GetAsync("a", refresh: true)).Metadata!.Version);
        Assert.Equal((2, 3), (_fixture.Faults.ConditionalStats, _fixture.Faults.Stats));
    }

    [Theory]
    [InlineData("max-age 10s stale-if-error 5m", 250, true)]
    [InlineData("max-age 10s stale-if-error 5m", 350, false)]
    [InlineData("max-age 10s", 11, false)]
    [InlineData("validate-on-open stale-if-error 5m", 250, true)]
    [InlineData("validate-on-open", 1, false)]
    public async Task Get_StoreDown_FollowsTheRule(string rule, int seconds, bool isServed)
    {
        await using var fixture = new FileFixture(freshness: rule);
        FileMetadata file = fixture.Write("a", 10, out _);
        await fixture.Catalog.GetAsync(fixture.Path("a"), false, CancellationToken.None);
        await fixture.Catalog.GetAsync(fixture.Path("gone"), false, CancellationToken.None);
        fixture.Time.Advance(TimeSpan.FromSeconds(seconds));
        fixture.Faults.Throw = new HttpRequestException("connection refused");

        CatalogResult[] results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => fixture.Catalog.GetAsync(fixture.Path("a"), false, CancellationToken.None).AsTask()));
        Assert.All(results, r => Assert.Equal(isServed ? DoraErrorCode.None : DoraErrorCode.Unavailable, r.Code));
        Assert.All(results, r => Assert.Equal(isServed ? file.Version : null, r.Metadata?.Version));
        Assert.Equal(DoraErrorCode.Unavailable, (await fixture.Catalog.GetAsync(fixture.Path("gone"), false, CancellationToken.None)).Code);
        Assert.Equal(DoraErrorCode.Unavailable, (await fixture.Catalog.GetAsync(fixture.Path("a"), refresh: true, CancellationToken.None)).Code);
    }

    [Fact]
    public async Task List_RemembersOnlyWhatIsAskedForHere()
    {
        FileMetadata own = _fixture.Write("d/a", 1, out _), other = _fixture.Write("d/b", 1, out _);
        var catalog = new FileCatalog(
            _fixture.Memory, _fixture.Pages, _fixture.Provider, new FileCatalogOptions { RemembersListed = f => f == own.Id }, _fixture.Time);

        UfsListResult page = await catalog.ListAsync(_fixture.Path("d"), null, 10, CancellationToken.None);

        Assert.Equal(2, page.Entries.Count);
        Assert.Equal(own.Version, catalog.TryGetKnown(own.Id)?.Version);
        Assert.Null(catalog.TryGetKnown(other.Id));
    }

    [Fact]
    public async Task List_StoreDown_Unavailable()
    {
        _fixture.Faults.Throw = new TimeoutException("no answer in 30 s");
        UfsListResult page = await Catalog.ListAsync(_fixture.Path("d"), null, 10, CancellationToken.None);
        Assert.Equal(UfsStatus.Unavailable, page.Status);
        Assert.Contains("no answer in 30 s", page.Error, StringComparison.Ordinal);
    }

    private Task<CatalogResult> GetAsync(string path, bool refresh = false) =>
        Catalog.GetAsync(_fixture.Path(path), refresh, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
}
