using Dora.Storage.Files;
using Dora.Tests.Waiting;
using static Dora.Tests.Storage.Files.FileFixture;

namespace Dora.Tests.Storage.Files;

/// <summary>Changes of one file come one after the other, whoever makes them.</summary>
public sealed class FileChangesTests : IAsyncLifetime
{
    private readonly FileFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Drop_WhileALoadRuns_WaitsForItAndNothingComesBack()
    {
        FileMetadata file = _fixture.Write("f", Page, out _);
        await _fixture.Catalog.GetAsync(_fixture.Path("f"), refresh: false, CancellationToken.None);
        var store = new TaskCompletionSource();
        _fixture.Faults.Gate = store.Task;
        Task<FileLoadResult> load = LoadAsync("f", Page);
        await Eventually.Async(() => _fixture.Faults.Reads.Count > 0, "the load asks the store");

        Task<FileDrop> drop = _fixture.Changes.DropAsync(file.Id, forgetMetadata: true, CancellationToken.None).AsTask();
        Assert.False(drop.IsCompleted);
        store.SetResult();

        Assert.Equal((DoraErrorCode.None, (long)Page), ((await load).Code, (await load).BytesLoaded));
        Assert.True((await drop).Forgot);
        Assert.Equal(0, _fixture.Pages.Statistics.Pages);
        Assert.Null(_fixture.Catalog.TryGetKnown(file.Id));
    }

    [Fact]
    public async Task Refresh_FindsAnotherVersionWhileTheOldOneLoads_TheOldOneIsNotLeft()
    {
        FileMetadata old = _fixture.Write("f", Page, out _);
        await _fixture.Catalog.GetAsync(_fixture.Path("f"), refresh: false, CancellationToken.None);
        using var put = new ManualResetEventSlim();
        _fixture.Hooks.BeforePut = put.Wait;
        Task<FileLoadResult> load = Task.Run(() => LoadAsync("f", Page));
        await Eventually.Async(() => _fixture.Faults.Reads.Count > 0, "the load has the bytes of the old version");
        FileMetadata newer = _fixture.Write("f", Page + 1, out _);

        Task<CatalogResult> refresh = _fixture.Catalog.GetAsync(_fixture.Path("f"), refresh: true, CancellationToken.None).AsTask();
        await Eventually.Async(() => _fixture.Faults.Stats > 1, "the refresh asks the store");
        put.Set();

        Assert.Equal(newer.Version, (await refresh).Metadata!.Version);
        Assert.Equal(DoraErrorCode.None, (await load).Code);
        Assert.NotEqual(old.Version, newer.Version);
        Assert.Equal(0, _fixture.Pages.Statistics.Pages);
    }

    [Fact]
    public async Task Load_ForgottenBeforeItsTurn_LoadsWhatIsThereNow()
    {
        FileMetadata old = _fixture.Write("f", 100, out _);
        await _fixture.Catalog.GetAsync(_fixture.Path("f"), refresh: false, CancellationToken.None);
        Task<FileLoadResult> load;
        using (await _fixture.Turns.TakeAsync(old.Id, CancellationToken.None))
        {
            load = LoadAsync("f", 1000);
            Assert.False(load.IsCompleted);
            _fixture.Write("f", 200, out _);
            _fixture.Catalog.Forget(old.Id);
        }

        Assert.Equal(new FileLoadResult(DoraErrorCode.None, 200, 0), await load);
    }

    [Fact]
    public async Task Load_FileChangedInTheStore_LoadsTheNewVersion()
    {
        _fixture.Write("f", 100, out _);
        await _fixture.Catalog.GetAsync(_fixture.Path("f"), refresh: false, CancellationToken.None);
        FileMetadata newer = _fixture.Write("f", 300, out byte[] content);

        Assert.Equal(new FileLoadResult(DoraErrorCode.None, 300, 0), await LoadAsync("f", 1000));
        Assert.Equal(0, await _fixture.ReadCheckedAsync(newer, content, 0, 300));
    }

    [Fact]
    public async Task Forget_OfAnOutdatedVersion_LeavesTheNewOne()
    {
        FileMetadata old = _fixture.Write("f", 100, out _);
        FileMetadata newer = _fixture.Write("f", 200, out _);
        await _fixture.Catalog.GetAsync(_fixture.Path("f"), refresh: true, CancellationToken.None);

        await _fixture.Changes.ForgetAsync(old, CancellationToken.None);
        Assert.Equal(newer.Version, _fixture.Catalog.TryGetKnown(old.Id)?.Version);

        await _fixture.Changes.ForgetAsync(newer, CancellationToken.None);
        Assert.Null(_fixture.Catalog.TryGetKnown(old.Id));
    }

    private Task<FileLoadResult> LoadAsync(string path, long length) =>
        _fixture.Changes.LoadAsync(_fixture.Path(path), new ByteRange(0, length), null, CancellationToken.None).AsTask();
}
