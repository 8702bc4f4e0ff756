using Dora.Storage.Files;
using Dora.Storage.Ufs;
using static Dora.Tests.Storage.Files.FileFixture;

namespace Dora.Tests.Storage.Files;

public sealed class FileReaderTests : IAsyncLifetime
{
    private readonly FileFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // Every buffer that was rented has come back by the end of every test.
        await _fixture.IdleAsync();
        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Grid)]
    [InlineData(Page + 1)]
    [InlineData((3 * Page) + 777)]
    public async Task Read_AnyRange_RightBytesColdAndWarm(int length)
    {
        FileMetadata file = _fixture.Write("f", length, out byte[] content);
        var random = new Random(length);
        for (int i = 0; i < 30; i++)
        {
            FileReadMode mode = (FileReadMode)random.Next(3);
            await _fixture.ReadCheckedAsync(file, content, random.Next(length + 10), random.Next(length + 100), mode);
        }

        await _fixture.ReadCheckedAsync(file, content, 0, length);
        int reads = _fixture.Faults.Reads.Count;
        Assert.Equal(0, await _fixture.ReadCheckedAsync(file, content, 0, length));
        Assert.Equal(reads, _fixture.Faults.Reads.Count);
    }

    [Fact]
    public async Task Read_SmallRandom_FetchesOneBlock()
    {
        FileMetadata file = _fixture.Write("f", 2 * Page, out byte[] content);
        Assert.Equal(100, await _fixture.ReadCheckedAsync(file, content, Grid + 10, 100));
        Assert.Equal([new ByteRange(Grid, Grid)], _fixture.Faults.Reads);
        Assert.Equal(0, await _fixture.ReadCheckedAsync(file, content, Grid + 500, 100));
    }

    [Fact]
    public async Task Read_AcrossBlocks_OneRequestForTheNeighbours()
    {
        FileMetadata file = _fixture.Write("f", 8 * Page, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, Page - 10, 20);
        Assert.Equal([new ByteRange(Page - Grid, 2 * Grid)], _fixture.Faults.Reads);
    }

    [Fact]
    public async Task Read_Sequential_FetchesTheWholePage()
    {
        FileMetadata file = _fixture.Write("f", Page + 100, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, 0, 1000, FileReadMode.Sequential);
        Assert.Equal([new ByteRange(0, Page)], _fixture.Faults.Reads);
        await _fixture.ReadCheckedAsync(file, content, 1000, Page - 1000, FileReadMode.Sequential);
        Assert.Single(_fixture.Faults.Reads);
        await _fixture.ReadCheckedAsync(file, content, Page, 100, FileReadMode.Sequential);
        Assert.Equal(new ByteRange(Page, 100), _fixture.Faults.Reads.Last());
    }

    [Fact]
    public async Task Read_MostOfAPage_FetchesOnlyWhatIsMissingOfIt()
    {
        FileMetadata file = _fixture.Write("f", Page, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, Grid, 1);
        Assert.Equal(Page / 2, await _fixture.ReadCheckedAsync(file, content, 2 * Grid, 2 * Grid));
        Assert.Equal([new ByteRange(Grid, Grid), new ByteRange(0, Grid), new ByteRange(2 * Grid, 2 * Grid)], _fixture.Faults.Reads);
        await _fixture.IdleAsync();
        Assert.Equal(0, await _fixture.ReadCheckedAsync(file, content, 0, Page));
    }

    [Fact]
    public async Task Read_StoreDirect_ExactRangeAndNothingStored()
    {
        FileMetadata file = _fixture.Write("f", Page, out byte[] content);
        Assert.Equal(123, await _fixture.ReadCheckedAsync(file, content, 1000, 123, FileReadMode.StoreDirect));
        Assert.Equal([new ByteRange(1000, 123)], _fixture.Faults.Reads);
        Assert.Equal(0, _fixture.Pages.Statistics.Pages);
    }

    [Fact]
    public async Task Read_ManyAtOnce_OneRequestServesAll()
    {
        FileMetadata file = _fixture.Write("f", Page, out byte[] content);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        Task[] readers = [.. Enumerable.Range(0, 50).Select(i => (Task)_fixture.ReadCheckedAsync(file, content, i * 100, 100))];
        gate.SetResult();
        await Task.WhenAll(readers);
        Assert.Equal([new ByteRange(0, Grid)], _fixture.Faults.Reads);
    }

    [Fact]
    public async Task Read_OverlappingAtOnce_NoBlockIsFetchedTwice()
    {
        FileMetadata file = _fixture.Write("f", 4 * Page, out byte[] content);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        Task small = _fixture.ReadCheckedAsync(file, content, Page + Grid, 10);
        Task large = _fixture.ReadCheckedAsync(file, content, 0, 4 * Page);
        Task sequential = _fixture.ReadCheckedAsync(file, content, 5, 10, FileReadMode.Sequential);
        gate.SetResult();
        await Task.WhenAll(small, large, sequential);
        Assert.Equal(4 * Page, _fixture.Faults.Reads.Sum(static r => r.Length));
        Assert.Equal(3, _fixture.Faults.Reads.Count);
    }

    [Fact]
    public async Task Read_FromManyThreads_EachBlockOnce()
    {
        for (int round = 0; round < 50; round++)
        {
            FileMetadata file = _fixture.Write($"f{round}", (2 * Page) + round, out byte[] content);
            _fixture.Faults.Reads.Clear();
            await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => _fixture.ReadCheckedAsync(file, content, i * 1000, Page + (i * Grid)))));
            Assert.Equal(content.Length, _fixture.Faults.Reads.Sum(static r => r.Length));
        }
    }

    [Fact]
    public async Task Read_StoredBetweenLookAndClaim_IsNotFetchedAgain()
    {
        FileMetadata file = _fixture.Write("f", Page, out byte[] content);
        _fixture.Hooks.AfterProbe = () =>
        {
            // The look found nothing; now another reader fetches and stores, before the first one claims the block.
            _fixture.Hooks.AfterProbe = null;
            Assert.True(Task.Run(() => _fixture.ReadCheckedAsync(file, content, 0, 10)).Wait(TimeSpan.FromSeconds(30)), "the other reader did not end in 30 s");
            Assert.True(_fixture.IdleAsync().Wait(TimeSpan.FromSeconds(30)), "the other reader's fetch did not end in 30 s");
        };
        Assert.Equal(0, await _fixture.ReadCheckedAsync(file, content, 5, 10));
        Assert.Single(_fixture.Faults.Reads);
    }

    [Theory]
    [InlineData(0, Page)]
    [InlineData(Grid, 1)]
    [InlineData(Page - 1, 2)]
    [InlineData(Page + (2 * Grid), Grid)]
    [InlineData(0, 2 * Page)]
    public async Task Read_PartStoredBetweenAnyLookAndClaim_NoBlockIsFetchedTwice(int otherOffset, int otherLength)
    {
        // A read of two cold pages looks twice at each block before it claims them: another reader ends its work after one of these looks, each in turn.
        for (int turn = 1; turn <= 2 * (2 * Page / Grid); turn++)
        {
            FileMetadata file = _fixture.Write($"f{turn}", 2 * Page, out byte[] content);
            _fixture.Faults.Reads.Clear();
            int looks = 0;
            int others = 0;
            _fixture.Hooks.AfterProbe = () =>
            {
                if (++looks == turn)
                {
                    _fixture.Hooks.AfterProbe = null;
                    Task<int> other = Task.Run(() => _fixture.ReadCheckedAsync(file, content, otherOffset, otherLength));
                    Assert.True(other.Wait(TimeSpan.FromSeconds(30)), "the other reader did not end in 30 s");
                    Assert.True(_fixture.IdleAsync().Wait(TimeSpan.FromSeconds(30)), "the other reader's fetch did not end in 30 s");
                    others = (int)_fixture.Faults.Reads.Sum(static r => r.Length);
                }
            };
            Assert.InRange(await _fixture.ReadCheckedAsync(file, content, 0, 2 * Page), 0, (2 * Page) - others);
            Assert.Null(_fixture.Hooks.AfterProbe);
            Assert.Equal(2 * Page, _fixture.Faults.Reads.Sum(static r => r.Length));
            await _fixture.IdleAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Read_SurpriseInOnePart_TheWholeReadFails(int after)
    {
        await using var fixture = new FileFixture(new FileReaderOptions { MaxRequestBytes = Page, ParallelRequests = 2 });
        FileMetadata file = fixture.Write("f", 10 * Page, out _);
        fixture.Hooks.AfterProbe = () => _ = Interlocked.Decrement(ref after) == 0 ? throw new InvalidOperationException("bug") : 0;
        FileReadResult read = await fixture.Reader.ReadAsync(file, new ByteRange(0, 10 * Page), new byte[10 * Page], FileReadMode.StoreDirect, CancellationToken.None);
        Assert.Equal((DoraErrorCode.Internal, 0), (read.Code, read.Bytes));
    }

    [Fact]
    public async Task Read_LongRange_SeveralRequestsAFewAtATime()
    {
        await using var fixture = new FileFixture(new FileReaderOptions { MaxRequestBytes = 2 * Page, ParallelRequests = 3 });
        FileMetadata file = fixture.Write("f", 20 * Page, out byte[] content);
        await fixture.ReadCheckedAsync(file, content, 0, content.Length);
        Assert.Equal(10, fixture.Faults.Reads.Count);
        Assert.All(fixture.Faults.Reads, static r => Assert.Equal(2 * Page, r.Length));
        Assert.InRange(fixture.Faults.MostActiveReads, 1, 3);
    }

    [Fact]
    public async Task Read_TinyMemoryBudget_WaitsAndSucceeds()
    {
        await using var fixture = new FileFixture(new FileReaderOptions { MaxInFlightBytes = Grid, MaxRequestBytes = Page });
        FileMetadata file = fixture.Write("f", 6 * Page, out byte[] content);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => fixture.ReadCheckedAsync(file, content, i * 1000, 5 * Page)));
        Assert.Equal(1, fixture.Faults.MostActiveReads);
        Assert.Equal(Grid, fixture.Reader.FreeFetchBytes);
    }

    [Fact]
    public async Task Read_PageStoreRefuses_BytesAreServed()
    {
        FileMetadata file = _fixture.Write("f", Page, out byte[] content);
        _fixture.Disk.OnWrite = static _ => throw new IOException("No space left on device");
        Assert.Equal(Page, await _fixture.ReadCheckedAsync(file, content, 0, Page));
        await _fixture.IdleAsync();
        Assert.Equal(Page, await _fixture.ReadCheckedAsync(file, content, 0, Page));
        FileLoadResult load = await _fixture.Reader.LoadAsync(file, new ByteRange(0, Page), CancellationToken.None);
        Assert.Equal(DoraErrorCode.Unavailable, load.Code);
        Assert.Contains("refuses", load.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_CachedPageDamaged_FetchedAgain()
    {
        FileMetadata file = _fixture.Write("f", 3 * Grid, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, 0, 3 * Grid);
        await _fixture.IdleAsync();
        int failures = 1;
        _fixture.Disk.OnRead = () => _ = Interlocked.Decrement(ref failures) == 0 ? throw new IOException("Input/output error") : 0;
        Assert.Equal(3 * Grid, await _fixture.ReadCheckedAsync(file, content, 0, 3 * Grid));
        Assert.Equal(1, _fixture.Pages.Statistics.Damaged);
    }

    [Fact]
    public async Task Read_FileChanged_VersionChanged()
    {
        FileMetadata file = _fixture.Write("f", Page, out _);
        _fixture.Write("f", Page + 1, out _);
        Assert.Equal(DoraErrorCode.VersionChanged, await CodeAsync(file));
        _fixture.Store.Remove("f");
        Assert.Equal(DoraErrorCode.NotFound, await CodeAsync(file));
    }

    [Fact]
    public async Task Read_StoreGivesTooFew_IsNoChangeButNotSupported()
    {
        FileMetadata file = _fixture.Write("f", Page, out _);
        _fixture.Faults.Truncate = 1;
        Assert.Equal(DoraErrorCode.NotSupported, await CodeAsync(file));
        Assert.Equal(DoraErrorCode.NotSupported, await CodeAsync(file, FileReadMode.StoreDirect));
        Assert.Equal(0, _fixture.Pages.Statistics.Pages);
    }

    [Fact]
    public async Task Read_StoreFails_CodeAndOneLineForEveryWaiter()
    {
        FileMetadata file = _fixture.Write("f", Page, out byte[] content);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        _fixture.Faults.Throw = new HttpRequestException("reset by peer");
        Task<DoraErrorCode>[] readers = [.. Enumerable.Range(0, 5).Select(_ => CodeAsync(file))];
        gate.SetResult();
        Assert.All(await Task.WhenAll(readers), static c => Assert.Equal(DoraErrorCode.Unavailable, c));
        Assert.Single(_fixture.Faults.Reads);
        Assert.Equal(DoraErrorCode.Unavailable, await CodeAsync(file, FileReadMode.StoreDirect));
        _fixture.Faults.Throw = new InvalidOperationException("bug");
        Assert.Equal(DoraErrorCode.Internal, await CodeAsync(file));
        _fixture.Faults.Throw = null;
        _fixture.Faults.Refuse = UfsStatus.Denied;
        Assert.Equal(DoraErrorCode.Denied, await CodeAsync(file));
        _fixture.Faults.Refuse = UfsStatus.Ok;
        await _fixture.ReadCheckedAsync(file, content, 0, Page);
    }

    [Fact]
    public async Task Read_OnePartFails_TheWholeReadFails()
    {
        await using var fixture = new FileFixture(new FileReaderOptions { MaxRequestBytes = Page, ParallelRequests = 2 });
        FileMetadata file = fixture.Write("f", 10 * Page, out byte[] content);
        int left = 3;
        fixture.Faults.BeforeRead = () => _ = Interlocked.Decrement(ref left) == 0 ? throw new IOException("cable") : 0;
        foreach (FileReadMode mode in new[] { FileReadMode.StoreDirect, FileReadMode.Cached })
        {
            left = 3;
            FileReadResult result = await fixture.Reader.ReadAsync(file, new ByteRange(0, 10 * Page), new byte[10 * Page], mode, CancellationToken.None);
            Assert.Equal((DoraErrorCode.Unavailable, 0), (result.Code, result.Bytes));
        }

        await fixture.ReadCheckedAsync(file, content, 0, 10 * Page);
    }

    [Fact]
    public async Task Read_CallerLeaves_FetchGoesOnForOthersAndTheMemoryIsLeftAlone()
    {
        FileMetadata file = _fixture.Write("f", Page, out byte[] content);
        var gate = new TaskCompletionSource();
        _fixture.Faults.Gate = gate.Task;
        using var leave = new CancellationTokenSource();
        byte[] buffer = new byte[Page];
        Task<FileReadResult> leaving = _fixture.Reader.ReadAsync(file, new ByteRange(0, Page), buffer, FileReadMode.Cached, leave.Token).AsTask();
        Task<int> staying = _fixture.ReadCheckedAsync(file, content, 0, Page);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        gate.SetResult();
        Assert.Equal(Page, await staying);
        Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept((byte)0));
        Assert.Single(_fixture.Faults.Reads);
    }

    [Fact]
    public async Task Read_NoFile_SaysWhy()
    {
        FileMetadata file = _fixture.Write("f", 10, out byte[] content);
        Assert.Equal(DoraErrorCode.NotFound, await CodeAsync(FileMetadata.Missing(file.UfsPath, file.LoadedAt)));
        Assert.Equal(DoraErrorCode.IsDirectory, await CodeAsync(file with { Kind = FileKind.Directory }));
        Assert.Equal(DoraErrorCode.NotMounted, await CodeAsync(new FileMetadata("other://x", FileKind.File, 1, default, new FileVersion(1), default)));
        await _fixture.ReadCheckedAsync(file, content, 10, 5);
        await Assert.ThrowsAsync<ArgumentException>(async () => await _fixture.Reader.ReadAsync(file, new ByteRange(0, 10), new byte[9], FileReadMode.Cached, CancellationToken.None));
    }

    [Fact]
    public async Task Dispose_WhileFetching_WaitersGetUnavailable()
    {
        var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", Page, out _);
        fixture.Faults.Gate = new TaskCompletionSource().Task;
        Task<FileReadResult> read = fixture.Reader.ReadAsync(file, new ByteRange(0, Page), new byte[Page], FileReadMode.Cached, CancellationToken.None).AsTask();
        await fixture.DisposeAsync();
        FileReadResult result = await read.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((DoraErrorCode.Unavailable, "the worker is stopping: try another"), (result.Code, result.Error));
    }

    private async Task<DoraErrorCode> CodeAsync(FileMetadata file, FileReadMode mode = FileReadMode.Cached)
    {
        FileReadResult result = await _fixture.Reader.ReadAsync(file, new ByteRange(0, 10), new byte[10], mode, CancellationToken.None)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(result.Code == DoraErrorCode.None, result.Error is null);
        return result.Code;
    }

    [Fact]
    public async Task LoadsAndQuestionsOfOtherWorkers_AreNoMisses()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", 3 * FileFixture.Page, out byte[] content);
        byte[] buffer = new byte[content.Length];

        FileReadResult nothing = await fixture.Reader.ReadAsync(file, new ByteRange(0, content.Length), buffer, FileReadMode.CachedOnly, default);
        FileLoadResult load = await fixture.Reader.LoadAsync(file, new ByteRange(0, FileFixture.Page), default);
        FileReadResult first = await fixture.Reader.ReadAsync(file, new ByteRange(0, content.Length), buffer, FileReadMode.CachedOnly, default);

        Assert.Equal((0, FileFixture.Page, FileFixture.Page), (nothing.Bytes, load.BytesLoaded, first.Bytes));
        Assert.Equal(content[..FileFixture.Page], buffer[..FileFixture.Page]);
        Assert.Equal(0, fixture.Pages.Statistics.Misses);
        await fixture.ReadCheckedAsync(file, content, FileFixture.Page, 100);
        Assert.Equal(1, fixture.Pages.Statistics.Misses);
    }
}
