using Dora.Storage.Metadata;
using RocksDbSharp;

namespace Dora.Tests.Storage.Metadata;

public sealed class RocksMetadataStoreTests : IDisposable
{
    private readonly MetadataFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Get_AfterRestart_ReturnsWhatWasPut()
    {
        FileMetadata file = _fixture.File("file:///data/a");
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            Assert.Null(disk.Get(file.Id));
            Assert.Null(disk.TryPut(file));
        }

        using RocksMetadataStore again = _fixture.OpenDisk();
        Assert.Equal(file, again.Get(file.Id));
        Assert.Equal(1, again.EstimatedEntries);
        Assert.Empty(_fixture.Lines);
    }

    [Fact]
    public void Get_PastTimeToLive_IsNullAlsoAfterRestart()
    {
        _fixture.Options = _fixture.Options with { TimeToLive = TimeSpan.FromHours(1) };
        FileMetadata file = _fixture.File("file:///a");
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            disk.TryPut(file);
            _fixture.Time.Advance(TimeSpan.FromMinutes(59));
            Assert.NotNull(disk.Get(file.Id));
        }

        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        using RocksMetadataStore again = _fixture.OpenDisk();
        Assert.Null(again.Get(file.Id));
        Assert.Empty(again.ScanUnder("file:///"));
    }

    [Fact]
    public void Get_NegativeEntry_LivesByItsOwnTime()
    {
        using RocksMetadataStore disk = _fixture.OpenDisk();
        FileMetadata missing = _fixture.Missing("file:///none");
        disk.TryPut(missing);
        _fixture.Time.Advance(_fixture.Options.NegativeTimeToLive - TimeSpan.FromTicks(1));
        Assert.Equal(missing, disk.Get(missing.Id));
        _fixture.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(disk.Get(missing.Id));
    }

    [Fact]
    public void Get_ClockSetBack_DropsStampsBeyondTheSkew()
    {
        using RocksMetadataStore disk = _fixture.OpenDisk();
        DateTimeOffset now = _fixture.Time.GetUtcNow();
        FileMetadata file = _fixture.File("file:///a");
        disk.TryPut(file);

        _fixture.Time.JumpTo(now - _fixture.Options.ClockSkew);
        Assert.NotNull(disk.Get(file.Id));
        _fixture.Time.JumpTo(now - _fixture.Options.ClockSkew - TimeSpan.FromTicks(1));
        Assert.Null(disk.Get(file.Id));
        _fixture.Time.JumpTo(now.AddYears(30));
        Assert.Null(disk.Get(file.Id));
        _fixture.Time.JumpTo(now);
        Assert.NotNull(disk.Get(file.Id));
    }

    [Fact]
    public void ScanUnder_SimilarNames_SeesOnlyWhatIsBelowInPathOrder()
    {
        using RocksMetadataStore disk = _fixture.OpenDisk();
        foreach (string path in new[] { "/d/b", "/d-x", "/d/a/z", "/d", "/d0", "/d/\uFFFD", "/d/😀", "/c", "/dd/a", "/d/a" })
        {
            disk.TryPut(_fixture.File("file://" + path));
        }

        Assert.Equal(["/d", "/d/a", "/d/a/z", "/d/b", "/d/\uFFFD", "/d/😀"], Paths(disk.ScanUnder("file:///d")));
        Assert.Equal(["/d/a", "/d/a/z"], Paths(disk.ScanUnder("file:///d/a")));
        Assert.Equal(10, disk.ScanUnder("file:///").Count());
        Assert.Empty(disk.ScanUnder("file:///e"));
        Assert.Empty(disk.ScanUnder("s3://d"));
    }

    [Fact]
    public void ScanUnder_ChangesDuringIt_AreNotSeen()
    {
        using RocksMetadataStore disk = _fixture.OpenDisk();
        disk.TryPut(_fixture.File("file:///d/a"));
        disk.TryPut(_fixture.File("file:///d/b"));
        using IEnumerator<FileMetadata> scan = disk.ScanUnder("file:///d").GetEnumerator();
        Assert.True(scan.MoveNext());

        disk.TryRemove(FileId.FromUfsPath("file:///d/b"));
        disk.TryPut(_fixture.File("file:///d/c"));
        Assert.True(scan.MoveNext());
        Assert.Equal("file:///d/b", scan.Current.UfsPath);
        Assert.False(scan.MoveNext());
    }

    [Fact]
    public void TryRemove_Stored_LeavesNoPathBehind()
    {
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            FileMetadata file = _fixture.File("file:///d/a");
            disk.TryPut(file);
            Assert.Null(disk.TryRemove(file.Id));
            Assert.Null(disk.TryRemove(file.Id));
            Assert.Null(disk.Get(file.Id));
            Assert.Empty(disk.ScanUnder("file:///d"));
        }

        using RocksDb db = new MetadataDirectory(_fixture.Options, _fixture.Time, _fixture).Open();
        using Iterator paths = db.NewIterator(db.GetColumnFamily(MetadataDirectory.Paths));
        Assert.False(paths.SeekToFirst().Valid());
    }

    [Fact]
    public void Compaction_ExpiredEntries_LeaveBothFamilies()
    {
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            for (int i = 0; i < 500; i++)
            {
                disk.TryPut(_fixture.File($"file:///d/{i}", age: i % 2 == 0 ? _fixture.Options.TimeToLive + TimeSpan.FromSeconds(1) : TimeSpan.FromDays(1)));
            }
        }

        AssertAfterCompaction(250);
        _fixture.Time.Advance(_fixture.Options.TimeToLive);
        AssertAfterCompaction(0);
    }

    [Fact]
    public void Compaction_ClockSetBackByHours_DropsStampsFromTheFuture()
    {
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            disk.TryPut(_fixture.File("file:///d/a"));
            disk.TryPut(_fixture.File("file:///d/b", age: TimeSpan.FromHours(6)));
        }

        _fixture.Time.JumpTo(_fixture.Time.GetUtcNow().AddHours(-5));
        AssertAfterCompaction(1);
    }

    [Fact]
    public void TryPutMany_Files_AreAllThere()
    {
        using RocksMetadataStore disk = _fixture.OpenDisk();
        FileMetadata[] files = [.. Enumerable.Range(0, 100).Select(i => _fixture.File($"file:///d/{i}", i))];
        Assert.Null(disk.TryPutMany(files));
        Assert.All(files, file => Assert.Equal(file, disk.Get(file.Id)));
        Assert.NotNull(disk.TryPutMany([_fixture.File("file:///" + new string('a', 70_000))]));
    }

    [Fact]
    public void EstimatedEntries_AfterRestart_IsAboutWhatIsThere()
    {
        const int Count = 20_000;
        using (RocksMetadataStore store = _fixture.OpenDisk())
        {
            Assert.Null(store.TryPutMany(Enumerable.Range(0, Count).Select(i => _fixture.File($"file:///d/{i}"))));
            store.Compact();
        }

        // Memory is sized by it before the first entry is read.
        using RocksMetadataStore again = _fixture.OpenDisk();
        Assert.InRange(again.EstimatedEntries, Count * 9 / 10, Count * 11 / 10);
    }

    [Fact]
    public void FindExpired_InSteps_CoversEveryKeyOnce()
    {
        using RocksMetadataStore disk = _fixture.OpenDisk();
        HashSet<FileId> old = [];
        for (int i = 0; i < 100; i++)
        {
            FileMetadata file = _fixture.File($"file:///d/{i}", age: i % 3 == 0 ? TimeSpan.FromDays(8) : null);
            disk.TryPut(file);
            if (i % 3 == 0)
            {
                old.Add(file.Id);
            }
        }

        FileId from = default;
        List<FileId> found = [];
        int steps = 0;
        do
        {
            found.AddRange(disk.FindExpired(ref from, 7));
            steps++;
        }
        while (from != default);

        Assert.Equal(15, steps);
        Assert.Equal(old.Count, found.Count);
        Assert.True(old.SetEquals(found));
    }

    [Fact]
    public void Dispose_ScanRunning_ClosesWhenItEnds()
    {
        RocksMetadataStore disk = _fixture.OpenDisk();
        disk.TryPut(_fixture.File("file:///d/a"));
        disk.TryPut(_fixture.File("file:///d/b"));
        using (IEnumerator<FileMetadata> scan = disk.ScanUnder("file:///d").GetEnumerator())
        {
            Assert.True(scan.MoveNext());
            disk.Dispose();
            disk.Dispose();
            Assert.Throws<ObjectDisposedException>(() => disk.Get(default));
            Assert.True(scan.MoveNext());
        }

        _fixture.OpenDisk().Dispose();
    }

    private void AssertAfterCompaction(int entries)
    {
        using var directory = new MetadataDirectory(_fixture.Options, _fixture.Time, _fixture);
        using RocksDb db = directory.Open();
        foreach (string family in new[] { MetadataDirectory.Files, MetadataDirectory.Paths })
        {
            ColumnFamilyHandle handle = db.GetColumnFamily(family);
            db.CompactRange((byte[]?)null, null, handle);
            using Iterator all = db.NewIterator(handle);
            int count = 0;
            for (all.SeekToFirst(); all.Valid(); all.Next())
            {
                count++;
            }

            Assert.Equal(entries, count);
        }
    }

    private static IEnumerable<string> Paths(IEnumerable<FileMetadata> files) => files.Select(static f => f.UfsPath["file://".Length..]);
}
