using Dora.Storage.Metadata;

namespace Dora.Tests.Storage.Metadata;

public sealed class MemoryMetadataCacheTests : IDisposable
{
    private readonly MetadataFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Put_MoreThanEntries_StaysAtTheBound()
    {
        MemoryMetadataCache cache = Create(100, long.MaxValue);
        for (int i = 0; i < 1000; i++)
        {
            cache.Put(File(i));
            Assert.True(cache.Entries <= 100);
        }

        Assert.Equal(100, cache.Entries);
        Assert.Equal(100, Enumerable.Range(0, 1000).Count(i => cache.Get(File(i).Id) is not null));
    }

    [Fact]
    public void Put_MoreThanBytes_StaysBelowTheBound()
    {
        MemoryMetadataCache cache = Create(int.MaxValue, 100_000);
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            cache.Put(_fixture.File($"file:///{i}/" + new string('x', random.Next(2000))));
            Assert.True(cache.Bytes <= 100_000, $"{cache.Bytes} bytes");
        }

        Assert.True(cache.Bytes > 90_000, $"{cache.Bytes} bytes");
        cache.Put(_fixture.File("file:///" + new string('x', 60_000)));
        Assert.True(cache.Entries > 1, "an entry heavier than the cache emptied it");
    }

    [Fact]
    public void Bytes_OfManyEntries_AreNotLessThanTheHeapTakes()
    {
        const int Count = 20_000;
        MemoryMetadataCache cache = Create(Count, long.MaxValue);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Count; i++)
        {
            cache.Put(File(i));
        }

        long heap = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(cache.Bytes >= heap * 0.9, $"{cache.Bytes} estimated, {heap} on the heap");
        GC.KeepAlive(cache);
    }

    [Fact]
    public void Put_Scan_DoesNotPushOutWhatIsRead()
    {
        MemoryMetadataCache cache = Create(100, long.MaxValue);
        for (int i = 0; i < 100; i++)
        {
            cache.Put(File(i));
        }

        for (int i = 0; i < 50; i++)
        {
            cache.Get(File(i).Id);
        }

        for (int scanned = 1000; scanned < 11_000; scanned++)
        {
            cache.Put(File(scanned));
            cache.Get(File(scanned % 50).Id); // fifty hot files, one read between two of the scan
        }

        int hot = Enumerable.Range(0, 50).Count(i => cache.Get(File(i).Id) is not null);
        Assert.True(hot >= 48, $"{hot} of 50 hot files are left");
    }

    [Fact]
    public void Get_PastTimeToLive_DropsTheEntry()
    {
        MemoryMetadataCache cache = Create(10, long.MaxValue);
        FileMetadata missing = _fixture.Missing("file:///none");
        cache.Put(missing);
        cache.Put(File(1));
        Assert.Same(missing, cache.Get(missing.Id));

        _fixture.Time.Advance(_fixture.Options.NegativeTimeToLive);
        Assert.Null(cache.Get(missing.Id));
        Assert.Equal(1, cache.Entries);
        Assert.NotNull(cache.Get(File(1).Id));

        _fixture.Time.Advance(_fixture.Options.TimeToLive);
        Assert.Null(cache.Get(File(1).Id));
        Assert.Equal((0, 0L), (cache.Entries, cache.Bytes));
    }

    [Fact]
    public void Put_Replacing_CountsTheEntryOnce()
    {
        MemoryMetadataCache cache = Create(10, long.MaxValue);
        cache.Put(File(1));
        long bytes = cache.Bytes;
        FileMetadata newer = File(1) with { Length = 99 };
        cache.Put(newer);
        Assert.Same(newer, cache.Get(newer.Id));
        Assert.Equal((1, bytes), (cache.Entries, cache.Bytes));
        Assert.True(cache.Remove(newer.Id));
        Assert.False(cache.Remove(newer.Id));
        Assert.Equal((0, 0L), (cache.Entries, cache.Bytes));
    }

    [Fact]
    public void Get_Hit_AllocatesNothing()
    {
        MemoryMetadataCache cache = Create(10, long.MaxValue);
        FileId file = File(1).Id;
        cache.Put(File(1));
        cache.Get(file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            cache.Get(file);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task EveryOperation_FromManyThreads_KeepsTheBooks()
    {
        FileMetadata[] files = [.. Enumerable.Range(0, 300).Select(File)];
        MemoryMetadataCache cache = Create(100, long.MaxValue);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 20_000; i++)
            {
                FileMetadata file = files[random.Next(files.Length)];
                switch (random.Next(4))
                {
                    case 0: cache.Put(file); break;
                    case 1: cache.Remove(file.Id); break;
                    default: Assert.Equal(file.Id, (cache.Get(file.Id) ?? file).Id); break;
                }
            }
        })));

        FileMetadata[] left = [.. cache.Where(static _ => true)];
        Assert.Equal(left.Length, cache.Entries);
        Assert.InRange(cache.Entries, 1, 100);
        foreach (FileMetadata file in left)
        {
            Assert.True(cache.Remove(file.Id));
        }

        Assert.Equal((0, 0L), (cache.Entries, cache.Bytes));
    }

    private FileMetadata File(int number) => _fixture.File($"file:///data/train/part-{number:d6}.parquet");

    private MemoryMetadataCache Create(int entries, long bytes) => new(entries, bytes, new MetadataExpiry(_fixture.Options, _fixture.Time));
}
