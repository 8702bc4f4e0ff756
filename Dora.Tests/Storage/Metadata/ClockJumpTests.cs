using Dora.Storage.Files;
using Dora.Storage.Metadata;
using Dora.Storage.Ufs;
using Dora.Tests.Storage.Files;

namespace Dora.Tests.Storage.Metadata;

/// <summary>The wall clock is set forward and back by hours under every level that looks at it. What comes of it is at worst a question to the store; never an entry that lives on, and never an old answer.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private readonly MetadataFixture _fixture = new();
    private readonly DateTimeOffset _start;

    public ClockJumpTests() => _start = _fixture.Time.GetUtcNow();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Memory_FilesAndNegativeEntries_FollowTheClock()
    {
        var cache = new MemoryMetadataCache(100, long.MaxValue, new MetadataExpiry(_fixture.Options, _fixture.Time));
        FileMetadata file = _fixture.File("file:///a"), missing = _fixture.Missing("file:///none");
        foreach ((double hours, bool isFile, bool isMissing) in new[] { (-5, false, false), (0, true, true), (5, true, false), (24 * 30, false, false) })
        {
            _fixture.Time.JumpTo(_start);
            cache.Put(file, isUsed: true);
            cache.Put(missing, isUsed: true);
            _fixture.Time.JumpTo(_start.AddHours(hours));
            foreach ((FileMetadata entry, bool isThere) in new[] { (file, isFile), (missing, isMissing) })
            {
                Assert.Equal(isThere, cache.Get(entry.Id, entry.UfsPath) is not null); // packed
                Assert.True(isThere || cache.GetRecent(entry.Id) is null); // as an object
            }
        }
    }

    [Theory]
    [InlineData(-5, false)]
    [InlineData(5, true)]
    [InlineData(24 * 30, false)]
    public void Disk_RestartAfterAJump_BelievesOnlyWhatHasAnAge(double hours, bool isThere)
    {
        FileMetadata file = _fixture.File("file:///d/a");
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            disk.TryPut(file);
            _fixture.Time.JumpTo(_start.AddHours(hours));
            Look(disk, file, isThere);
        }

        using RocksMetadataStore again = _fixture.OpenDisk();
        Look(again, file, isThere);
        FileMetadata anew = _fixture.File("file:///d/a", 11);
        again.TryPut(anew);
        Look(again, anew, isThere: true);
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(5, 1)]
    [InlineData(24 * 30, 0)]
    public void Compaction_ClockJumps_DropsWhatHasEnded(double hours, int left)
    {
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            disk.TryPut(_fixture.File("file:///d/a"));
        }

        _fixture.Time.JumpTo(_start.AddHours(hours));
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            disk.Compact();
        }

        // With the right time again: what is left was left by compaction.
        _fixture.Time.JumpTo(_start);
        using RocksMetadataStore again = _fixture.OpenDisk();
        Assert.Equal(left, again.ScanUnder("file:///d").Count());
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public void Sweep_ClockJumps_NegativeEntriesAndPrefixesGoOn(double hours)
    {
        using TwoLevelMetadataStore store = _fixture.Open();
        store.Put(_fixture.Missing("file:///d/none"));
        store.Put(_fixture.File("file:///d/a"));
        _fixture.Time.JumpTo(_start.AddHours(hours));
        _fixture.Time.Advance(_fixture.Options.SweepInterval);
        Assert.Null(store.Get(FileId.FromUfsPath("file:///d/none"), "file:///d/none"));
        Assert.Equal(hours > 0 ? 1 : 0, store.EnumerateUnder("file:///d").Count());

        store.Put(_fixture.Missing("file:///d/none"));
        Assert.NotNull(store.Get(FileId.FromUfsPath("file:///d/none"), "file:///d/none"));
        store.RemoveNegative("file:///d");
        Assert.Null(store.Get(FileId.FromUfsPath("file:///d/none"), "file:///d/none"));
    }

    [Theory]
    [InlineData(-5 * 3600)]
    [InlineData(-30)]
    [InlineData(5 * 3600)]
    public async Task Refresh_FileChangedAndClockJumped_GivesTheNewFile(double seconds)
    {
        await using var files = new FileFixture(freshness: "validate-on-open");
        using TwoLevelMetadataStore store = _fixture.Open();
        FileCatalog catalog = Catalog(files, store);
        files.Write("a", 10, out _);
        await catalog.GetAsync(files.Path("a"), false, CancellationToken.None);
        _fixture.Time.JumpTo(_start.AddSeconds(seconds));
        FileMetadata changed = files.Write("a", 11, out _);

        CatalogResult opened = await catalog.GetAsync(files.Path("a"), false, CancellationToken.None);
        Assert.Equal((11L, changed.Version), (opened.Metadata!.Length, opened.Metadata.Version));
        Assert.Equal(11, store.Get(opened.Metadata.Id, opened.Metadata.UfsPath)!.Length);
        await catalog.ListAsync(files.Path(string.Empty), null, 10, CancellationToken.None);
        Assert.Equal(11, store.Get(opened.Metadata.Id, opened.Metadata.UfsPath)!.Length);
    }

    [Theory]
    [InlineData(-5, false)] // the age of what is known is unknown
    [InlineData(0, true)]
    [InlineData(0.9, true)]
    [InlineData(5, false)]
    public async Task StaleIfError_ClockJumpsWhileTheStoreIsDown_FollowsTheClock(double hours, bool isServed)
    {
        await using var files = new FileFixture(freshness: "max-age 10s stale-if-error 1h");
        using TwoLevelMetadataStore store = _fixture.Open();
        FileCatalog catalog = Catalog(files, store);
        files.Write("a", 10, out _);
        await catalog.GetAsync(files.Path("a"), false, CancellationToken.None);
        _fixture.Time.JumpTo(_start.AddHours(hours));
        files.Faults.Throw = new HttpRequestException("connection refused");

        CatalogResult[] answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => catalog.GetAsync(files.Path("a"), false, CancellationToken.None).AsTask()));
        Assert.All(answers, a => Assert.Equal(isServed ? DoraErrorCode.None : DoraErrorCode.Unavailable, a.Code));

        files.Faults.Throw = null;
        Assert.Equal(DoraErrorCode.None, (await catalog.GetAsync(files.Path("a"), false, CancellationToken.None)).Code);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task MaxAge_ClockJumps_AsksTheStoreAgain(double hours)
    {
        await using var files = new FileFixture(freshness: "max-age 1h");
        using TwoLevelMetadataStore store = _fixture.Open();
        FileCatalog catalog = Catalog(files, store);
        files.Write("a", 10, out _);
        await catalog.GetAsync(files.Path("a"), false, CancellationToken.None);
        _fixture.Time.JumpTo(_start.AddHours(hours));
        await catalog.GetAsync(files.Path("a"), false, CancellationToken.None);
        await catalog.GetAsync(files.Path("a"), false, CancellationToken.None);
        Assert.Equal(2, files.Faults.Stats);
    }

    [Fact]
    public async Task Remember_ListedBeforeItWasForgotten_IsLeftAlone()
    {
        await using var files = new FileFixture();
        using TwoLevelMetadataStore store = _fixture.Open();
        FileCatalog catalog = Catalog(files, store);
        FileMetadata early = _fixture.File("memory://root/a");
        catalog.ForgetNegative("memory://root/elsewhere");
        FileMetadata other = _fixture.File("memory://root/other");
        await catalog.RememberAsync([other], CancellationToken.None);
        Assert.Equal(other, store.Get(other.Id)); // not what was forgotten
        catalog.ForgetNegative("memory://root/a");
        await catalog.RememberAsync([early], CancellationToken.None);
        Assert.Null(store.Get(early.Id));
        await catalog.RememberAsync([early with { LoadedAt = _start.AddSeconds(59) }], CancellationToken.None);
        Assert.Null(store.Get(early.Id)); // another worker's clock may be ahead by that much

        _fixture.Time.Advance(TimeSpan.FromMinutes(2));
        FileMetadata late = _fixture.File("memory://root/a");
        await catalog.RememberAsync([late], CancellationToken.None);
        Assert.Equal(late, store.Get(early.Id));
    }

    private static void Look(RocksMetadataStore disk, FileMetadata file, bool isThere)
    {
        Assert.Equal(isThere ? file : null, disk.Get(file.Id));
        Assert.Equal(isThere ? 1 : 0, disk.ScanUnder("file:///d").Count());
    }

    private FileCatalog Catalog(FileFixture files, TwoLevelMetadataStore store) =>
        new(store, files.Pages, new UfsProvider([new("memory", _ => files.Faults)]), new FileCatalogOptions(), _fixture.Time);
}
