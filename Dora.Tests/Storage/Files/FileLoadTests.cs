using Dora.Storage.Files;
using Dora.Storage.Pages.Volumes;
using static Dora.Tests.Storage.Files.FileFixture;

namespace Dora.Tests.Storage.Files;

public sealed class FileLoadTests : IAsyncLifetime
{
    private readonly FileFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Load_PagesCarryTheirMount_WhetherTheyArePinned_AndThatTheyWereLoaded()
    {
        await _fixture.Reader.LoadAsync(_fixture.Write("cold/f", 100, out _), new ByteRange(0, 100), CancellationToken.None);
        await _fixture.Reader.LoadAsync(_fixture.Write("hot/f", 100, out _), new ByteRange(0, 100), CancellationToken.None);

        await _fixture.ReadCheckedAsync(_fixture.Write("read/f", 100, out byte[] content), content, 0, 100);

        // A read does not wait for its put.
        await _fixture.IdleAsync();
        Assert.Equal([new PagePlacement(7, false, true), new PagePlacement(7, true, true), new PagePlacement(7, false)], _fixture.Hooks.Placements);
    }

    [Fact]
    public async Task Load_Whole_EverythingIsCachedWhenItReturns()
    {
        FileMetadata file = _fixture.Write("f", (3 * Page) + 5, out byte[] content);
        Assert.Equal(new FileLoadResult(DoraErrorCode.None, file.Length, 0), await LoadAsync(file, 0, long.MaxValue / 2));
        Assert.Equal(1, _fixture.Pages.Statistics.Pages);
        int reads = _fixture.Faults.Reads.Count;
        Assert.Equal(0, await _fixture.ReadCheckedAsync(file, content, 0, content.Length));
        Assert.Equal(new FileLoadResult(DoraErrorCode.None, 0, file.Length), await LoadAsync(file, 0, file.Length));
        Assert.Equal(reads, _fixture.Faults.Reads.Count);
    }

    [Fact]
    public async Task Load_PartlyCached_FetchesTheRest()
    {
        FileMetadata file = _fixture.Write("f", 2 * Page, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, Grid, 1);
        await _fixture.IdleAsync();
        Assert.Equal(new FileLoadResult(DoraErrorCode.None, (2 * Page) - Grid, Grid), await LoadAsync(file, 0, 2 * Page));
        Assert.Equal(2 * Page, _fixture.Faults.Reads.Sum(static r => r.Length));
    }

    [Fact]
    public async Task Load_ARange_WholePagesAroundIt()
    {
        FileMetadata file = _fixture.Write("f", 4 * Page, out byte[] content);
        Assert.Equal(new FileLoadResult(DoraErrorCode.None, 10, 0), await LoadAsync(file, Page + 10, 10));
        Assert.Equal([new ByteRange(Page, Page)], _fixture.Faults.Reads);
        Assert.Equal(0, await _fixture.ReadCheckedAsync(file, content, Page, Page));
    }

    [Fact]
    public async Task Load_BesideReaders_NothingTwice()
    {
        FileMetadata file = _fixture.Write("f", 4 * Page, out byte[] content);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        Task<FileLoadResult> first = LoadAsync(file, 0, 4 * Page);
        Task<FileLoadResult> second = LoadAsync(file, 0, 4 * Page);
        Task reader = _fixture.ReadCheckedAsync(file, content, 100, 2 * Page);
        gate.SetResult();
        await Task.WhenAll(first, second, reader);
        Assert.Equal(4 * Page, _fixture.Faults.Reads.Sum(static r => r.Length));
        Assert.Equal(DoraErrorCode.None, (await second).Code);
    }

    [Fact]
    public async Task Load_EmptyFile_Ok()
    {
        FileMetadata file = _fixture.Write("f", 0, out _);
        Assert.Equal(new FileLoadResult(DoraErrorCode.None, 0, 0), await LoadAsync(file, 0, 100));
    }

    [Fact]
    public async Task Load_PageLargerThanTheStore_BusyWithALine()
    {
        await using var fixture = new FileFixture(capacity: 1024 * 1024);
        FileMetadata file = fixture.Write("f", 8 * Page, out byte[] content);
        FileLoadResult fits = await fixture.Reader.LoadAsync(file, new ByteRange(0, 8 * Page), CancellationToken.None);
        Assert.Equal(DoraErrorCode.None, fits.Code);
        Assert.InRange(fixture.Pages.Statistics.Bytes, Page, 1024 * 1024);
        await fixture.ReadCheckedAsync(file, content, 0, content.Length);

        var leases = new List<Dora.Storage.Pages.PageLease>();
        for (uint page = 0; page < 8; page++)
        {
            long offset = (long)page * Page;
            var key = new PageKey(file.Id, file.Version, Dora.Storage.Pages.StorePage.IndexOf(offset));
            if (fixture.Pages.TryLease(key, (int)(offset % Dora.Storage.Pages.StorePage.Size), 1, Dora.Storage.Pages.LocateMode.Wait, out Dora.Storage.Pages.PageLease lease))
            {
                leases.Add(lease);
            }
        }

        FileLoadResult full = await fixture.Reader.LoadAsync(file, new ByteRange(0, 8 * Page), CancellationToken.None);
        leases.ForEach(static l => l.Dispose());
        Assert.Equal(DoraErrorCode.Busy, full.Code);
        Assert.Contains("no room", full.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Free_Loaded_PagesGo()
    {
        FileMetadata file = _fixture.Write("f", 2 * Page, out _);
        await LoadAsync(file, 0, 2 * Page);
        Assert.InRange(await _fixture.Reader.FreeAsync(file.Id, CancellationToken.None), 2 * Page, 3 * Page);
        Assert.Equal(0, _fixture.Pages.Statistics.Pages);
    }

    private Task<FileLoadResult> LoadAsync(FileMetadata file, long offset, long length) =>
        _fixture.Reader.LoadAsync(file, new ByteRange(offset, length), CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
}
