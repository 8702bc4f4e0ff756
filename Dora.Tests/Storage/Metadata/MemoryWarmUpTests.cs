using Dora.Storage.Metadata;

namespace Dora.Tests.Storage.Metadata;

public sealed class MemoryWarmUpTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly MetadataFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Open_FilesOnDisk_AreSoonAnsweredFromMemory()
    {
        FileMetadata[] files = Fill(10_000);
        using TwoLevelMetadataStore store = _fixture.Open();
        Assert.True(store.WaitForWarmUp(Patience));
        Assert.Equal(files.Length, store.Statistics.MemoryEntries);
        Assert.All(files, file => Assert.Equal(file, store.Get(file.Id, file.UfsPath)));
        Assert.Equal((files.Length, 0), (store.Statistics.MemoryHits, store.Statistics.DiskHits));
    }

    [Fact]
    public void Open_EndedOnDisk_AreLeftThere()
    {
        Fill(100);
        _fixture.Time.Advance(_fixture.Options.TimeToLive);
        using TwoLevelMetadataStore store = _fixture.Open();
        Assert.True(store.WaitForWarmUp(Patience));
        Assert.Equal(0, store.Statistics.MemoryEntries);
    }

    [Fact]
    public void Open_MoreOnDiskThanFit_StopsWhenMemoryIsFull()
    {
        FileMetadata[] files = Fill(10_000);
        _fixture.Options = _fixture.Options with { MemoryEntries = 300 };
        using TwoLevelMetadataStore store = _fixture.Open();
        Assert.True(store.WaitForWarmUp(Patience));
        Assert.InRange(store.Statistics.MemoryEntries, 250, 300);
        Assert.All(files, file => Assert.Equal(file, store.Get(file.Id, file.UfsPath)));
    }

    [Fact]
    public void Open_ChangedBetweenReadingAndAdding_IsNotBroughtBack()
    {
        FileMetadata[] files = Fill(2);
        FileMetadata newer = files[0] with { Length = 77 };
        var disk = new RefusingDisk(_fixture.OpenDisk());
        var opened = new TaskCompletionSource<TwoLevelMetadataStore>(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.AfterReadOn = () =>
        {
            TwoLevelMetadataStore changing = opened.Task.WaitAsync(Patience).GetAwaiter().GetResult();
            changing.Put(newer);
            changing.Remove(files[1].Id);
        };
        using var store = new TwoLevelMetadataStore(_fixture.Options, disk, _fixture.Time, _fixture);
        opened.SetResult(store);
        Assert.True(store.WaitForWarmUp(Patience));
        Assert.Equal(newer, store.Get(newer.Id, newer.UfsPath));
        Assert.Null(store.Get(files[1].Id, files[1].UfsPath));
    }

    [Fact]
    public void PutUnlessNewer_WithinTheSecondThatMemoryKeeps_TheDiskDecides()
    {
        using TwoLevelMetadataStore store = _fixture.Open();
        FileMetadata known = _fixture.File("file:///a", 1) with { LoadedAt = _fixture.Time.GetUtcNow().AddMilliseconds(-300) };
        store.Put(known);
        store.Put(_fixture.File("file:///b")); // now the object of the first one is gone, what is left in memory has no fraction
        FileMetadata older = known with { Length = 2, LoadedAt = known.LoadedAt.AddMilliseconds(-300) };
        Assert.Equal(known, store.PutUnlessNewer(older, out _));
        store.PutUnlessNewer([older], null);
        Assert.Equal(1, store.Get(known.Id, known.UfsPath)!.Length);

        store.Put(_fixture.File("file:///b"));
        FileMetadata later = known with { Length = 3, LoadedAt = known.LoadedAt.AddMilliseconds(100) };
        Assert.Equal(later, store.PutUnlessNewer(later, out _));
    }

    private FileMetadata[] Fill(int count)
    {
        FileMetadata[] files = [.. Enumerable.Range(0, count).Select(i => _fixture.File($"file:///d/{i}", i % 1000))];
        using TwoLevelMetadataStore store = _fixture.Open();
        store.PutUnlessNewer(files, null);
        return files;
    }
}
