using Dora.Storage.Metadata;

namespace Dora.Tests.Storage.Metadata;

public sealed class TwoLevelMetadataStoreTests : IDisposable
{
    private readonly MetadataFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Get_AfterRestart_ComesFromDiskOnceThenFromMemory()
    {
        FileMetadata file = _fixture.File("file:///a");
        using (TwoLevelMetadataStore store = _fixture.Open())
        {
            Assert.Null(store.Get(file.Id));
            store.Put(file);
            Assert.Same(file, store.Get(file.Id));
        }

        using TwoLevelMetadataStore again = _fixture.Open();
        Assert.Equal(file, again.Get(file.Id));
        Assert.Equal(file, again.Get(file.Id));
        MetadataStoreStatistics statistics = again.Statistics;
        Assert.Equal((1, 1, 1, 0), (statistics.Entries, statistics.MemoryHits, statistics.DiskHits, statistics.Misses));
        Assert.Equal(1, statistics.MemoryEntries);
        Assert.Equal(MemorySet.Size, statistics.MemoryBytes);
    }

    [Fact]
    public void Get_EvictedFromMemory_ComesFromDisk()
    {
        _fixture.Options = _fixture.Options with { MemoryEntries = 5 };
        using TwoLevelMetadataStore store = _fixture.Open();
        FileMetadata[] files = [.. Enumerable.Range(0, 50).Select(i => _fixture.File($"file:///{i}", i))];
        Array.ForEach(files, store.Put);
        Assert.All(files, file => Assert.Equal(file, store.Get(file.Id)));
        Assert.Equal(5, store.Statistics.MemoryEntries);
        Assert.True(store.Statistics.DiskHits >= 45);
    }

    [Fact]
    public void Remove_Remembered_IsForgottenOnBothLevels()
    {
        FileMetadata file = _fixture.File("file:///a");
        using (TwoLevelMetadataStore store = _fixture.Open())
        {
            store.Put(file);
        }

        using (TwoLevelMetadataStore store = _fixture.Open())
        {
            Assert.True(store.Remove(file.Id));
            Assert.False(store.Remove(file.Id));
            Assert.Null(store.Get(file.Id));
        }

        using TwoLevelMetadataStore again = _fixture.Open();
        Assert.Null(again.Get(file.Id));
    }

    [Fact]
    public void Put_NegativeEntry_HidesTheFileAndIsNotWritten()
    {
        FileMetadata file = _fixture.File("file:///a");
        using (TwoLevelMetadataStore store = _fixture.Open())
        {
            store.Put(file);
            store.Put(_fixture.Missing("file:///a"));
            store.Put(_fixture.Missing("file:///never"));
            Assert.Equal(FileKind.Missing, store.Get(file.Id, "file:///a")!.Kind);

            _fixture.Time.Advance(_fixture.Options.NegativeTimeToLive);
            Assert.Null(store.Get(file.Id));
        }

        using TwoLevelMetadataStore again = _fixture.Open();
        Assert.Equal(0, again.Statistics.Entries);
    }

    [Fact]
    public void EnumerateUnder_BothLevels_AreMergedInPathOrder()
    {
        using (TwoLevelMetadataStore store = _fixture.Open())
        {
            foreach (string path in new[] { "/d/b", "/d/d", "/d", "/d-e" })
            {
                store.Put(_fixture.File("file://" + path));
            }
        }

        (TwoLevelMetadataStore refusing, RefusingDisk disk) = OpenRefusing();
        disk.Refuses = true;
        refusing.Put(_fixture.File("file:///d/a", 3));
        refusing.Put(_fixture.Missing("file:///d/d"));
        refusing.Put(_fixture.File("file:///d/b", 77));
        refusing.Put(_fixture.File("file:///d/e", 5));

        FileMetadata[] seen = [.. refusing.EnumerateUnder("file:///d")];
        Assert.Equal(["/d", "/d/a", "/d/b", "/d/e"], seen.Select(static m => m.UfsPath["file://".Length..]));
        Assert.Equal([10, 3, 77, 5], seen.Select(static m => m.Length));
        refusing.Dispose();
    }

    [Fact]
    public void EnumerateUnder_RemovingEach_ForgetsThePrefix()
    {
        using TwoLevelMetadataStore store = _fixture.Open();
        for (int i = 0; i < 300; i++)
        {
            store.Put(_fixture.File($"file:///d/{i}"));
        }

        store.Put(_fixture.File("file:///e"));
        Assert.Equal(300, store.EnumerateUnder("file:///d").Count(m => store.Remove(m.Id)));
        Assert.Equal("file:///e", Assert.Single(store.EnumerateUnder("file:///")).UfsPath);
    }

    [Fact]
    public void Put_DiskFull_StaysInMemoryCountedAndLoggedOnce()
    {
        (TwoLevelMetadataStore store, RefusingDisk disk) = OpenRefusing();
        FileMetadata before = _fixture.File("file:///before");
        store.Put(before);
        disk.Refuses = true;
        for (int i = 0; i < 10; i++)
        {
            store.Put(_fixture.File($"file:///{i}"));
        }

        Assert.NotNull(store.Get(FileId.FromUfsPath("file:///3")));
        Assert.NotNull(store.Get(before.Id));
        Assert.Equal(10, store.Statistics.WriteFailures);
        Assert.Equal(11, store.EnumerateUnder("file:///").Count());
        Assert.Contains("No space left", Assert.Single(_fixture.Lines).Message, StringComparison.Ordinal);
        store.Dispose();
    }

    [Fact]
    public void Remove_DiskFull_DoesNotComeBackAndIsRepairedLater()
    {
        _fixture.Options = _fixture.Options with { MemoryEntries = 1 };
        (TwoLevelMetadataStore store, RefusingDisk disk) = OpenRefusing();
        FileMetadata removed = _fixture.File("file:///removed");
        FileMetadata replaced = _fixture.File("file:///replaced");
        store.Put(removed);
        store.Put(replaced);

        disk.Refuses = true;
        Assert.True(store.Remove(removed.Id));
        store.Put(replaced with { Length = 99 });
        store.Put(_fixture.Missing("file:///pushes-the-other-out-of-memory"));
        Assert.Null(store.Get(removed.Id));
        Assert.Equal(99, store.Get(replaced.Id)!.Length);
        Assert.Equal(99, Assert.Single(store.EnumerateUnder("file:///")).Length);

        disk.Refuses = false;
        _fixture.Time.Advance(_fixture.Options.SweepInterval);
        store.Dispose();
        Assert.Contains("takes writes again", _fixture.Lines[^1].Message, StringComparison.Ordinal);

        using TwoLevelMetadataStore again = _fixture.Open();
        Assert.Equal(99, Assert.Single(again.EnumerateUnder("file:///")).Length);
    }

    [Fact]
    public void Put_DiskTakesWritesAgain_WritesWhatMemoryStillHas()
    {
        (TwoLevelMetadataStore store, RefusingDisk disk) = OpenRefusing();
        disk.Refuses = true;
        store.Put(_fixture.File("file:///a"));
        store.Put(_fixture.File("file:///b"));
        disk.Refuses = false;
        store.Dispose();

        using TwoLevelMetadataStore again = _fixture.Open();
        Assert.Equal(2, again.EnumerateUnder("file:///").Count());
    }

    [Fact]
    public void Put_DiskRefusesTooMany_IsNotBelievedAndRebuilt()
    {
        (TwoLevelMetadataStore store, RefusingDisk disk) = OpenRefusing(shadowCapacity: 3);
        FileMetadata old = _fixture.File("file:///old");
        store.Put(old);
        disk.Refuses = true;
        for (int i = 0; i < 10; i++)
        {
            store.Remove(FileId.FromUfsPath($"file:///{i}"));
        }

        Assert.True(disk.MarkedForRebuild);
        Assert.Equal(2, _fixture.Lines.Count);
        Assert.Equal(4, store.Statistics.WriteFailures);
        Assert.NotNull(store.Get(old.Id)); // in memory
        store.Dispose();
    }

    [Fact]
    public void Get_EveryCopy_FollowsTheClock()
    {
        using TwoLevelMetadataStore store = _fixture.Open();
        DateTimeOffset now = _fixture.Time.GetUtcNow();
        FileMetadata file = _fixture.File("file:///a");
        store.Put(file);

        _fixture.Time.JumpTo(now.AddHours(-5)); // set back: the stamp is from the future, its age unknown
        Assert.Null(store.Get(file.Id));
        Assert.Null(store.Get(file.Id, "file:///a"));
        FileMetadata anew = _fixture.File("file:///a", 11);
        Assert.Same(anew, store.PutUnlessNewer(anew, out _)); // and it blocks nothing
        Assert.Equal(11, store.Get(file.Id)!.Length);

        _fixture.Time.JumpTo(now.AddHours(5)); // forward by hours: still within the time to live
        Assert.Equal(11, store.Get(file.Id)!.Length);
        _fixture.Time.JumpTo(now.AddDays(30));
        Assert.Null(store.Get(file.Id));
        Assert.Null(store.Get(file.Id, "file:///a"));
    }

    [Fact]
    public void PutUnlessNewer_OlderAnswer_KeepsTheNewer()
    {
        using TwoLevelMetadataStore store = _fixture.Open();
        FileMetadata slow = _fixture.File("file:///a", 1);
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        FileMetadata listed = _fixture.File("file:///a", 2);
        store.Put(listed);
        Assert.Same(listed, store.PutUnlessNewer(slow, out _));
        List<FileMetadata> changed = [];
        store.PutUnlessNewer([slow], changed);
        Assert.Same(listed, store.Get(listed.Id));
        Assert.Empty(changed);
        store.PutUnlessNewer([_fixture.File("file:///a", 3), _fixture.File("file:///b", 1)], changed);
        Assert.Equal(3, Assert.Single(changed).Length);
    }

    [Fact]
    public void PutUnlessNewer_Many_AreOnDiskAndInMemory()
    {
        FileMetadata[] files = [.. Enumerable.Range(0, 3000).Select(i => _fixture.File($"file:///d/{i}", i))];
        using (TwoLevelMetadataStore store = _fixture.Open())
        {
            store.PutUnlessNewer(files, null);
            Assert.All(files, file => Assert.Equal(file, store.Get(file.Id, file.UfsPath)));
            Assert.Equal(files.Length, store.Statistics.MemoryHits);
        }

        using TwoLevelMetadataStore again = _fixture.Open();
        Assert.All(files, file => Assert.Equal(file, again.Get(file.Id)));
    }

    [Fact]
    public void PutUnlessNewer_DiskFull_StaysKnownAndIsRepaired()
    {
        (TwoLevelMetadataStore store, RefusingDisk disk) = OpenRefusing();
        disk.Refuses = true;
        store.PutUnlessNewer([_fixture.File("file:///a", 1), _fixture.File("file:///b", 2)], null);
        Assert.Equal(2, store.EnumerateUnder("file:///").Count());
        Assert.Equal(2, store.Statistics.WriteFailures);
        disk.Refuses = false;
        store.Dispose();

        using TwoLevelMetadataStore again = _fixture.Open();
        Assert.Equal(2, again.EnumerateUnder("file:///").Count());
    }

    [Fact]
    public void Timer_TablesHaveGrown_EntriesInMemoryMakeRoom()
    {
        _fixture.Options = _fixture.Options with { MemoryBudgetBytes = 8 << 20 };
        (TwoLevelMetadataStore store, RefusingDisk disk) = OpenRefusing();
        FileMetadata[] files = [.. Enumerable.Range(0, 60_000).Select(i => _fixture.File($"file:///{i}", i % 1000))];
        store.PutUnlessNewer(files, null);
        Assert.InRange(store.Statistics.MemoryBytes, 2 << 20, 5 << 20);

        disk.TableMemoryBytes = 4 << 20;
        _fixture.Time.Advance(_fixture.Options.SweepInterval);
        Assert.InRange(store.Statistics.MemoryBytes, 100_000, 1 << 20);
        Assert.All(files.Take(100), file => Assert.Equal(file, store.Get(file.Id, file.UfsPath)));
        store.Dispose();
    }

    [Fact]
    public void RemoveNegative_Prefix_ForgetsWhatIsBelowAndNothingElse()
    {
        using TwoLevelMetadataStore store = _fixture.Open();
        string[] below = ["file:///d", "file:///d/none", "file:///d/e/none"];
        string[] others = ["file:///none", "file:///dd/none", "file:///c/d/none"];
        Array.ForEach([.. below, .. others], path => store.Put(_fixture.Missing(path)));
        store.Put(_fixture.File("file:///d/a"));

        store.RemoveNegative("file:///d");

        Assert.All(below, path => Assert.Null(Get(store, path)));
        Assert.All(others, path => Assert.NotNull(Get(store, path)));
        Assert.NotNull(Get(store, "file:///d/a"));
        store.Put(_fixture.Missing("file:///d/none"));
        Assert.Null(Get(store, "file:///d/none")); // a question that was on its way when the prefix was invalidated
        _fixture.Time.Advance(TimeSpan.FromTicks(1));
        store.Put(_fixture.Missing("file:///d/none"));
        Assert.NotNull(Get(store, "file:///d/none"));
        store.RemoveNegative("file:///");
        Assert.All((string[])[.. below, .. others], path => Assert.Null(Get(store, path)));
    }

    [Fact]
    public async Task PutUnlessNewer_BatchesFromManyThreads_DoNotWaitForEachOther()
    {
        _fixture.Options = _fixture.Options with { MemoryBudgetBytes = 32 << 20 };
        using TwoLevelMetadataStore store = _fixture.Open();
        FileMetadata[] files = [.. Enumerable.Range(0, 2000).Select(i => _fixture.File($"file:///d/{i}", i))];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 10; i++)
            {
                FileMetadata[] shuffled = [.. files];
                random.Shuffle(shuffled);
                store.PutUnlessNewer(shuffled, null);
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(2000, store.EnumerateUnder("file:///d").Count());
    }

    [Fact]
    public async Task Get_SlowDisk_CannotBringBackWhatWasRemovedMeanwhile()
    {
        FileMetadata file = _fixture.File("file:///a");
        using (TwoLevelMetadataStore first = _fixture.Open())
        {
            first.Put(file);
        }

        (TwoLevelMetadataStore store, RefusingDisk disk) = OpenRefusing();
        Task<bool>? removal = null;
        using var removing = new ManualResetEventSlim();
        disk.AfterRead = () =>
        {
            disk.AfterRead = null;
            removal = Task.Run(() =>
            {
                removing.Set();
                return store.Remove(file.Id);
            });
            Assert.True(removing.Wait(TimeSpan.FromSeconds(10)), "the removal did not start");
        };

        Assert.NotNull(store.Get(file.Id));
        Assert.True(await removal!.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Null(store.Get(file.Id));
        store.Dispose();
    }

    [Fact]
    public void Timer_ExpiredEntries_AreRemovedFromDisk()
    {
        (TwoLevelMetadataStore store, RefusingDisk disk) = OpenRefusing();
        store.Put(_fixture.File("file:///old", age: _fixture.Options.TimeToLive - TimeSpan.FromMinutes(3)));
        store.Put(_fixture.File("file:///young"));
        int writes = disk.Writes;

        _fixture.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(writes + 1, disk.Writes);
        Assert.Equal("file:///young", Assert.Single(store.EnumerateUnder("file:///")).UfsPath);
        store.Dispose();
    }

    [Fact]
    public async Task EveryOperation_FromManyThreadsAndDispose_EndsClean()
    {
        _fixture.Options = _fixture.Options with { MemoryEntries = 50 };
        FileMetadata[] files = [.. Enumerable.Range(0, 200).Select(i => _fixture.File($"file:///{i % 10}/{i}"))];
        TwoLevelMetadataStore store = _fixture.Open();
        using var stop = new CancellationTokenSource();
        Task[] workers = [.. Enumerable.Range(0, 4).Select(seed => Task.Run(() => Work(store, files, new Random(seed), stop.Token)))];
        await Task.WhenAny(workers).WaitAsync(TimeSpan.FromSeconds(60));
        store.Dispose();
        await stop.CancelAsync();
        await Task.WhenAll(workers).WaitAsync(TimeSpan.FromSeconds(60));

        using TwoLevelMetadataStore again = _fixture.Open();
        Assert.All(again.EnumerateUnder("file:///"), static m => Assert.Equal(10, m.Length));
    }

    private static FileMetadata? Get(TwoLevelMetadataStore store, string ufsPath) => store.Get(FileId.FromUfsPath(ufsPath), ufsPath);

    private static void Work(TwoLevelMetadataStore store, FileMetadata[] files, Random random, CancellationToken stop)
    {
        try
        {
            for (int i = 0; i < 3000 && !stop.IsCancellationRequested; i++)
            {
                FileMetadata file = files[random.Next(files.Length)];
                switch (random.Next(10))
                {
                    case 0: store.Remove(file.Id); break;
                    case < 4: store.Put(file); break;
                    case 4: Assert.All(store.EnumerateUnder($"file:///{random.Next(10)}"), static m => Assert.Equal(FileKind.File, m.Kind)); break;
                    default: Assert.Equal(file, store.Get(file.Id) ?? file); break;
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The store closed under this thread, which is what the test wants to survive.
        }
    }

    private (TwoLevelMetadataStore Store, RefusingDisk Disk) OpenRefusing(int shadowCapacity = 1000)
    {
        var disk = new RefusingDisk(_fixture.OpenDisk());
        return (new TwoLevelMetadataStore(_fixture.Options, disk, _fixture.Time, _fixture, shadowCapacity), disk);
    }
}
