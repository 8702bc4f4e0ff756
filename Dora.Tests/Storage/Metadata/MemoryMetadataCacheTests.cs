using System.Runtime.CompilerServices;
using Dora.Storage.Metadata;

namespace Dora.Tests.Storage.Metadata;

public sealed class MemoryMetadataCacheTests : IDisposable
{
    private readonly MetadataFixture _fixture = new();

    private readonly List<MemoryMetadataCache> _caches = [];

    public void Dispose()
    {
        _caches.ForEach(static c => c.Dispose());
        _fixture.Dispose();
    }

    [Fact]
    public void Put_MoreThanEntries_StaysAtTheBound()
    {
        MemoryMetadataCache cache = Create(150, 1 << 20);
        for (int i = 0; i < 2000; i++)
        {
            Put(cache, i);
            Assert.True(cache.Entries <= 150);
        }

        Assert.Equal(150, cache.Entries);
        Assert.Equal(150, Enumerable.Range(0, 2000).Count(i => Get(cache, i) is not null));
    }

    [Fact]
    public void Put_MoreThanBytes_StaysBelowTheBound()
    {
        MemoryMetadataCache cache = Create(int.MaxValue, 100_000);
        for (int i = 0; i < 5000; i++)
        {
            Put(cache, i);
            Assert.True(cache.Bytes <= 100_000, $"{cache.Bytes} bytes");
        }

        Assert.True(cache.Bytes > 90_000, $"{cache.Bytes} bytes");
    }

    [Fact]
    public void Put_ManyStripes_EveryFileIsFoundWhereItWasPut()
    {
        MemoryMetadataCache cache = Create(200_000, 1L << 30);
        for (int i = 0; i < 20_000; i++)
        {
            Put(cache, i);
        }

        int found = Enumerable.Range(0, 20_000).Count(i => Get(cache, i) == File(i));
        Assert.Equal(20_000, found);
        Assert.Equal(20_000, cache.Entries);
    }

    [Fact]
    public void Entries_OfManyFiles_TakeMemoryAsTheyComeAndHoldNoReferences()
    {
        Assert.Equal(32, Unsafe.SizeOf<PackedMetadata>());
        Assert.Equal(MemorySet.Size, Unsafe.SizeOf<MemorySet>());
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<MemorySet>());
        MemoryMetadataCache cache = Create(int.MaxValue, 8 << 20);
        Assert.InRange(cache.Capacity, 240_000, 245_760);
        Assert.Equal(0, cache.Bytes);
        for (int i = 0; i < 50_000; i++)
        {
            Put(cache, i);
        }

        Assert.Equal(50_000, cache.Entries);
        Assert.InRange(cache.Bytes, 50_000 * 34, 50_000 * 60);
    }

    [Fact]
    public void Put_AsManyAsPlaces_DisplacesNextToNone()
    {
        MemoryMetadataCache cache = Create(int.MaxValue, 15 << 17);
        int files = (int)(cache.Capacity * 0.94);
        for (int i = 0; i < files; i++)
        {
            Put(cache, i);
        }

        Assert.InRange(cache.Entries, files * 0.995, files);
        Assert.InRange(cache.Bytes, 1 << 20, 15 << 17);
    }

    [Fact]
    public void Resize_Smaller_KeepsWhatFitsAndWhatIsUsed()
    {
        MemoryMetadataCache cache = Create(int.MaxValue, 3 << 18);
        for (int i = 0; i < 20_000; i++)
        {
            Put(cache, i);
        }

        foreach (int use in Enumerable.Repeat(Enumerable.Range(0, 1000), 3).SelectMany(static r => r))
        {
            Get(cache, use);
        }

        cache.Resize(1 << 18);
        Assert.InRange(cache.Bytes, 1 << 17, 1 << 18);
        Assert.InRange(cache.Entries, cache.Capacity * 0.9, cache.Capacity);
        Assert.InRange(Enumerable.Range(0, 1000).Count(i => Get(cache, i) == File(i)), 950, 1000);

        cache.Resize(3 << 18);
        for (int i = 0; i < 20_000; i++)
        {
            Put(cache, i);
        }

        Assert.InRange(Enumerable.Range(0, 20_000).Count(i => Get(cache, i) == File(i)), 19_990, 20_000);
    }

    [Fact]
    public void Put_WhatDoesNotFitIntoAnEntry_IsNotKeptNorIsWhatWasThere()
    {
        MemoryMetadataCache cache = Create(100, 1 << 20);
        FileMetadata file = File(1);
        foreach (FileMetadata odd in new[]
        {
            file with { Length = 64L << 30 },
            file with { LastModified = DateTimeOffset.UnixEpoch.AddTicks(-1) },
            file with { LastModified = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero) },
            file with { LoadedAt = _fixture.Time.GetUtcNow().AddDays(-365 * 5) },
        })
        {
            Put(cache, 1);
            Assert.Equal(1, cache.Entries);
            cache.Put(odd, isUsed: false);
            Assert.Null(Get(cache, 1));
            Assert.Equal(0, cache.Entries);
        }
    }

    [Fact]
    public void Get_EveryField_ComesBack()
    {
        MemoryMetadataCache cache = Create(100, 1 << 20);
        FileMetadata largest = File(1) with { Length = (64L << 30) - 1, LastModified = new DateTimeOffset(2084, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(-1), Version = new FileVersion(ulong.MaxValue) };
        FileMetadata fraction = File(2) with { LoadedAt = _fixture.Time.GetUtcNow().AddTicks(-1) };
        FileMetadata missing = FileMetadata.Missing("file:///none", _fixture.Time.GetUtcNow().AddTicks(-1));
        foreach (FileMetadata metadata in new[] { largest, fraction, missing })
        {
            cache.Put(metadata, isUsed: false);
        }

        Assert.Equal(largest, Get(cache, largest));
        Assert.Equal(fraction with { LoadedAt = _fixture.Time.GetUtcNow().AddSeconds(-1) }, Get(cache, fraction)); // whole seconds, rounded down
        Assert.Equal(missing, Get(cache, missing)); // negative entries are nowhere else, so they are exact
    }

    [Fact]
    public void Dispose_LateCalls_FindNothing()
    {
        MemoryMetadataCache cache = Create(int.MaxValue, 1 << 20);
        cache.Put(File(1), isUsed: false);
        cache.Dispose();
        Assert.Null(Get(cache, 1));
        cache.Put(File(1), isUsed: false);
        cache.Resize(1 << 20);
        Assert.Null(Get(cache, 1));
        Assert.Equal(0, cache.Entries);
    }

    [Fact]
    public void Put_Scan_DoesNotPushOutWhatIsRead()
    {
        MemoryMetadataCache cache = Create(150, 1L << 30);
        for (int i = 0; i < 50; i++)
        {
            Put(cache, i);
            Get(cache, i);
        }

        for (int scanned = 1000; scanned < 11_000; scanned++)
        {
            Put(cache, scanned);
            Get(cache, scanned % 50); // fifty hot files, one read between two of the scan
        }

        int hot = Enumerable.Range(0, 50).Count(i => Get(cache, i) is not null);
        Assert.True(hot >= 48, $"{hot} of 50 hot files are left");
    }

    [Fact]
    public void Put_AnotherWorkingSet_PushesOutWhatWasHotOnce()
    {
        MemoryMetadataCache cache = Create(150, 1L << 30);
        foreach (int start in new[] { 0, 1000 })
        {
            for (int round = 0; round < 100; round++)
            {
                for (int i = start; i < start + 80; i++)
                {
                    if (Get(cache, i) is null)
                    {
                        Put(cache, i);
                    }
                }
            }
        }

        int hot = Enumerable.Range(1000, 80).Count(i => Get(cache, i) is not null);
        Assert.True(hot >= 76, $"{hot} of 80 hot files are there");
    }

    [Fact]
    public void Get_PastTimeToLive_DropsTheEntry()
    {
        MemoryMetadataCache cache = Create(16, 1L << 30);
        FileMetadata missing = _fixture.Missing("file:///none");
        cache.Put(missing, isUsed: true);
        Put(cache, 1);
        Assert.Equal(missing, cache.Get(missing.Id, missing.UfsPath));

        _fixture.Time.Advance(_fixture.Options.NegativeTimeToLive);
        Assert.Null(cache.Get(missing.Id, missing.UfsPath));
        Assert.Null(cache.GetRecent(missing.Id));
        Assert.Equal(1, cache.Entries);
        FileId kept = File(1).Id;
        Assert.NotNull(Get(cache, 1));

        _fixture.Time.Advance(_fixture.Options.TimeToLive);
        Assert.Null(cache.GetRecent(kept));
        Assert.Null(cache.Get(kept, "file:///data/train/part-000001.parquet"));
        Assert.Equal(0, cache.Entries);
    }

    [Fact]
    public void Put_Replacing_CountsTheEntryOnceAndShowsTheNewer()
    {
        MemoryMetadataCache cache = Create(16, 1L << 30);
        Put(cache, 1);
        Get(cache, 1);
        long bytes = cache.Bytes;
        FileMetadata newer = File(1) with { Length = 99 };
        cache.Put(newer, isUsed: false);
        Assert.Equal(99, cache.GetRecent(newer.Id)!.Length);
        Assert.Equal(newer, cache.Get(newer.Id, newer.UfsPath));
        Assert.Equal((1L, bytes), (cache.Entries, cache.Bytes));
        Assert.True(cache.Remove(newer.Id));
        Assert.Null(cache.GetRecent(newer.Id));
        Assert.False(cache.Remove(newer.Id));
        Assert.Equal(0, cache.Entries);
    }

    [Fact]
    public void GetRecent_Hit_AllocatesNothing()
    {
        MemoryMetadataCache cache = Create(16, 1L << 30);
        FileId file = File(1).Id;
        cache.Put(File(1), isUsed: true);
        cache.GetRecent(file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            cache.GetRecent(file);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task EveryOperation_FromManyThreads_KeepsTheBooks()
    {
        FileMetadata[] files = [.. Enumerable.Range(0, 300).Select(File)];
        MemoryMetadataCache cache = Create(105, 1L << 30);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 20_000; i++)
            {
                FileMetadata file = files[random.Next(files.Length)];
                lock (cache.LockOf(file.Id))
                {
                    switch (random.Next(4))
                    {
                        case 0: cache.Put(file, isUsed: i % 2 == 0); break;
                        case 1: cache.Remove(file.Id); break;
                        default: Assert.Equal(file, cache.GetRecent(file.Id) ?? cache.Get(file.Id, file.UfsPath) ?? file); break;
                    }
                }
            }
        })));

        FileMetadata[] left = [.. files.Where(f => cache.Get(f.Id, f.UfsPath) is not null)];
        Assert.Equal(left.Length, cache.Entries);
        Assert.InRange(cache.Entries, 1, 105);
        foreach (FileMetadata file in left)
        {
            Assert.True(cache.Remove(file.Id));
        }

        Assert.Equal(0, cache.Entries);
    }

    private static FileMetadata? Get(MemoryMetadataCache cache, FileMetadata file)
    {
        lock (cache.LockOf(file.Id))
        {
            return cache.Get(file.Id, file.UfsPath);
        }
    }

    private FileMetadata? Get(MemoryMetadataCache cache, int number) => Get(cache, File(number));

    private void Put(MemoryMetadataCache cache, int number) => cache.Put(File(number), isUsed: false);

    private FileMetadata File(int number) => _fixture.File($"file:///data/train/part-{number:d6}.parquet", number % 10_000);

    private MemoryMetadataCache Create(int entries, long bytes)
    {
        var cache = new MemoryMetadataCache(entries, bytes, new MetadataExpiry(_fixture.Options, _fixture.Time));
        _caches.Add(cache);
        return cache;
    }
}
