using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Microsoft.Win32.SafeHandles;
using PageIndex = Dora.Storage.Pages.Index.PageIndex;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>What is saved comes back; what is damaged is said to be missing, never something else.</summary>
public sealed class IndexImageTests : IDisposable
{
    private const int Slots = 5;

    private static readonly FilePageDevice Device = new();

    private readonly TempDirectory _directory = new();
    private readonly Dictionary<RecordPlace, (PageKey Page, IndexedRecord Record, byte State)> _known = [];

    private string Path => System.IO.Path.Combine(_directory.Path, "image");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Image_Loaded_HasEveryRecord()
    {
        PageIndex before = Fill(1, files: 3000);
        long written = await SaveAsync(before, Manifest());
        Assert.Equal(written, new FileInfo(Path).Length);
        Assert.InRange(written, 1, IndexImageWriter.EstimateBytes(before));

        Assert.True(IndexImage.TryOpen(Path, Device, out IndexImage? image));
        using IndexImage opened = image!;
        Assert.Equal((7UL, 3UL, Slots), (opened.Manifest.StoreId, opened.Manifest.Generation, opened.Manifest.Segments.Count));
        Assert.Equal(Manifest().Segments, opened.Manifest.Segments);
        var observer = new IndexObserverDouble();
        var after = new PageIndex(observer, opened);
        Assert.Equal(before.PageCount, after.PageCount);
        Assert.Equal(0, observer.Added);
        Assert.Equal(_known.Count, CheckFound(after, observer));
        after.LoadAll(CancellationToken.None);
        Assert.Equal((before.PageCount, 0), (after.PageCount, opened.BadShards));
        Assert.Equal(_known.Count, observer.Added);
    }

    [Fact]
    public async Task Image_RecordsThatItsManifestDoesNotCover_AreDropped()
    {
        PageIndex before = Fill(2, files: 500);
        IndexManifest manifest = Manifest() with
        {
            Segments = [new ManifestSegment(0, 100, 1, 1 << 30), new ManifestSegment(1, 101, 1, 50 * RecordPlace.StepSize), new ManifestSegment(2, 102, 1, 1 << 30)],
        };
        await SaveAsync(before, manifest);
        Assert.True(IndexImage.TryOpen(Path, Device, out IndexImage? image));
        using IndexImage opened = image!;
        var observer = new IndexObserverDouble { Accepts = static p => p.Slot != 2 };
        var after = new PageIndex(observer, opened);
        after.LoadAll(CancellationToken.None);
        List<RecordPlace> expected = [.. _known.Keys.Where(static p => p.Slot == 0 || (p.Slot == 1 && p.Step < 50))];
        Assert.Equal(expected.Count, _known.Values.Count(k => TryFind(after, observer, k.Page, k.Record)));
        Assert.All(expected, p => Assert.True(TryFind(after, observer, _known[p].Page, _known[p].Record)));
        Assert.Equal(expected.Select(p => _known[p].Page).Distinct().Count(), after.PageCount);
    }

    [Fact]
    public async Task Image_FlippedBytes_AreNeverTakenForRecords()
    {
        PageIndex before = Fill(3, files: 400);
        await SaveAsync(before, Manifest());
        byte[] right = await File.ReadAllBytesAsync(Path);
        var random = new Random(3);
        int unusable = 0;
        int rounds = FullCounts.Of(300, 1000);
        (int head, int tail) = (rounds / 5, rounds / 10);
        for (int round = 0; round < rounds; round++)
        {
            byte[] bytes = (byte[])right.Clone();
            int at = round < head ? round : round < head + tail ? bytes.Length - 1 - (round - head) : random.Next(bytes.Length);
            bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(Path, bytes);
            unusable += CheckDamaged(random) ? 1 : 0;
        }

        // The start and the table are a part of this small image; the rest costs one shard each.
        Assert.InRange(unusable, rounds / 4, rounds * 7 / 10);
    }

    [Fact]
    public async Task Image_Truncated_IsNoImage()
    {
        await SaveAsync(Fill(4, files: 100), Manifest());
        byte[] right = await File.ReadAllBytesAsync(Path);
        var random = new Random(4);
        for (int round = 0; round < 300; round++)
        {
            int length = round < 100 ? round : random.Next(right.Length);
            await File.WriteAllBytesAsync(Path, right[..length]);
            Assert.False(IndexImage.TryOpen(Path, Device, out _), $"cut to {length}");
        }

        File.Delete(Path);
        Assert.False(IndexImage.TryOpen(Path, Device, out _));
    }

    [Fact]
    public async Task Image_BlocksOfAnotherGeneration_AreRefused()
    {
        PageIndex index = Fill(5, files: 400);
        await SaveAsync(index, Manifest() with { Generation = 4 });
        byte[] other = await File.ReadAllBytesAsync(Path);
        await SaveAsync(index, Manifest());
        byte[] mixed = await File.ReadAllBytesAsync(Path);
        Assert.Equal(mixed.Length, other.Length);
        int start = (int)ImageFormat.StartSize(Slots);
        other.AsSpan(start, (mixed.Length - ImageFormat.TailSize - start) / 2).CopyTo(mixed.AsSpan(start));
        await File.WriteAllBytesAsync(Path, mixed);
        Assert.True(IndexImage.TryOpen(Path, Device, out IndexImage? image));
        using IndexImage opened = image!;
        var observer = new IndexObserverDouble();
        var after = new PageIndex(observer, opened);
        after.LoadAll(CancellationToken.None);
        Assert.InRange(opened.BadShards, 50, 80);
        CheckFound(after, observer);
    }

    [Fact]
    public async Task Image_LargerThanAllowed_IsNotWritten()
    {
        PageIndex index = Fill(6, files: 400);
        long size = await SaveAsync(index, Manifest());
        Assert.Equal(size, await SaveAsync(index, Manifest(), size));
        Assert.Equal(-1, await SaveAsync(index, Manifest(), size - 1));
        Assert.InRange(new FileInfo(Path).Length, 0, size - 1);
        Assert.Equal(-1, await SaveAsync(index, Manifest(), 100));
    }

    [Fact]
    public async Task Image_WriteRate_IsKept()
    {
        var time = new RecordingTime();
        PageIndex index = Fill(7, files: 3000);
        long size = await SaveAsync(index, Manifest(), long.MaxValue, new IndexImageWriter(Device, time, 100_000));
        Assert.InRange(time.Waited.TotalSeconds, (size / 100_000.0) - 0.2, (size / 100_000.0) + 0.2);
    }

    [Fact]
    public async Task Recovered_VersionsFoundAtStart_TheLaterPutStays()
    {
        PageKey old = TestPages.Key(1, 1);
        PageKey later = TestPages.Key(1, 2);
        var observer = new IndexObserverDouble();
        var index = new PageIndex(observer, null);
        List<DroppedRecord> dropped = [];
        Assert.Equal(IndexAddOutcome.Added, index.Add(later, At(2, 5), 0, 200, recovered: true, dropped));
        Assert.Equal(IndexAddOutcome.Outdated, index.Add(old, At(1, 9), 0, 199, recovered: true, dropped));
        Assert.Equal(IndexAddOutcome.Outdated, index.Add(old, At(2, 4), 0, 200, recovered: true, dropped));
        Assert.Empty(dropped);
        Assert.Equal(IndexAddOutcome.Added, index.Add(old, At(2, 6), 0, 200, recovered: true, dropped));
        Assert.Equal(5u, Assert.Single(dropped).Record.Place.Step);
        Assert.Equal(IndexAddOutcome.Added, index.Add(later, At(3, 0), 0, 301, recovered: false, dropped));
        Assert.Equal(IndexAddOutcome.Outdated, index.Add(old, At(4, 0), 0, 300, recovered: true, dropped));
        Assert.Equal(IndexAddOutcome.AlreadyThere, index.Add(later, At(2, 5), 0, 200, recovered: true, dropped));

        // The same from an image: its entries have the order of its manifest.
        await SaveAsync(index, new IndexManifest(7, 3, [new ManifestSegment(3, 301, 1, 1 << 20)]));
        Assert.True(IndexImage.TryOpen(Path, Device, out IndexImage? image));
        using IndexImage opened = image!;
        var after = new PageIndex(observer, opened);
        Assert.Equal(IndexAddOutcome.Outdated, after.Add(old, At(4, 0), 0, 300, recovered: true, dropped));
        Assert.Equal(IndexAddOutcome.Added, after.Add(old, At(4, 0), 0, 302, recovered: true, dropped));
    }

    private static IndexedRecord At(ushort slot, uint block) => new(new RecordPlace(slot, block), 0, 65536, 0, false, 0, 0);

    private static IndexManifest Manifest() => new(7, 3, [.. Enumerable.Range(0, Slots).Select(static i =>
        new ManifestSegment((ushort)i, 100 + (ulong)i, 0xDEAD_0000 + (ulong)i, 1 << 30))]);

    private async Task<long> SaveAsync(PageIndex index, IndexManifest manifest, long maxBytes = long.MaxValue, IndexImageWriter? writer = null)
    {
        File.Delete(Path);
        using SafeFileHandle file = Device.Create(Path);
        return await (writer ?? new IndexImageWriter(Device, TimeProvider.System, 0)).WriteAsync(index, manifest, file, maxBytes, CancellationToken.None);
    }

    /// <summary>An index with files of one to forty records; some are removed again.</summary>
    private PageIndex Fill(int seed, int files)
    {
        var random = new Random(seed);
        var index = new PageIndex(new IndexObserverDouble(), null);
        List<DroppedRecord> dropped = [];
        _known.Clear();
        uint block = 0;
        for (int file = 0; file < files; file++)
        {
            for (int page = random.Next(10) == 0 ? random.Next(40) : random.Next(3); page >= 0; page--)
            {
                PageKey key = TestPages.Key(file, 1 + (ulong)(file % 3), (uint)page);
                IndexedRecord record = IndexModel.Record(random, new RecordPlace((ushort)random.Next(Slots), block++ % 200_000));
                record = record with { Mount = (ushort)file, Pinned = file % 7 == 0 };
                byte state = (byte)random.Next(256);
                Assert.Equal(IndexAddOutcome.Added, index.Add(key, record, state, 100UL + record.Place.Slot, recovered: false, dropped));
                if (random.Next(10) == 0)
                {
                    index.RemovePage(key, dropped);
                    dropped.ForEach(d => _known.Remove(d.Record.Place));
                }
                else
                {
                    _known[record.Place] = (key, record, state);
                }
            }
        }

        return index;
    }

    private static bool TryFind(PageIndex index, IndexObserverDouble observer, PageKey page, IndexedRecord record)
    {
        bool found = index.TryFind(page, record.Offset, out _, out IndexedRecord entry);
        if (found)
        {
            observer.Unpin(entry.Place);
        }

        return found;
    }

    /// <summary>Looks for every record; whatever is found must be right.</summary>
    private int CheckFound(PageIndex index, IndexObserverDouble observer)
    {
        int count = 0;
        foreach ((PageKey page, IndexedRecord record, byte state) in _known.Values)
        {
            if (index.TryFind(page, record.Offset, out RecordId id, out IndexedRecord found))
            {
                observer.Unpin(found.Place);
                Assert.Equal((record, state), (found, index.State(id)));
                count++;
            }
        }

        return count;
    }

    /// <returns>Whether the image could not be opened at all.</returns>
    private bool CheckDamaged(Random random)
    {
        if (!IndexImage.TryOpen(Path, Device, out IndexImage? image))
        {
            return true;
        }

        using IndexImage opened = image!;
        var observer = new IndexObserverDouble();
        var index = new PageIndex(observer, opened);
        if (random.Next(20) == 0)
        {
            int found = CheckFound(index, observer);
            index.LoadAll(CancellationToken.None);
            Assert.InRange(found, _known.Count / 2, _known.Count);
        }
        else
        {
            index.LoadAll(CancellationToken.None);
        }

        Assert.Equal(1, opened.BadShards);
        return false;
    }

    /// <summary>A clock that jumps to the end of every wait.</summary>
    private sealed class RecordingTime : TimeProvider
    {
        private long _now;

        public TimeSpan Waited => TimeSpan.FromTicks(_now);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _now += dueTime.Ticks;
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
