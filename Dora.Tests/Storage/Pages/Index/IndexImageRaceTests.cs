using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Microsoft.Win32.SafeHandles;
using PageIndex = Dora.Storage.Pages.Index.PageIndex;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>Images written and loaded while others change the index.</summary>
public sealed class IndexImageRaceTests : IDisposable
{
    private const int Stable = 4000;

    private static readonly FilePageDevice Device = new();
    private static readonly IndexManifest Manifest = new(1, 1, [new ManifestSegment(0, 10, 1, 1 << 30), new ManifestSegment(1, 11, 1, 1 << 30)]);

    private readonly TempDirectory _directory = new();

    private string Path => _directory["image"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Write_WhileOthersChange_HasEveryRecordThatStayed()
    {
        var index = new PageIndex(new IndexObserverDouble(), null);
        for (int i = 0; i < Stable; i++)
        {
            Add(index, i, slot: 0, block: (uint)i);
        }

        using var stop = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(0, 2).Select(i => Task.Run(() => Churn(index, i, stop.Token)))];
        for (ulong generation = 1; generation <= 5; generation++)
        {
            File.Delete(Path);
            using (SafeFileHandle file = Device.Create(Path))
            {
                long written = await new IndexImageWriter(Device, TimeProvider.System, 0)
                    .WriteAsync(index, Manifest with { Generation = generation }, file, long.MaxValue, CancellationToken.None);
                Assert.True(written > 0);
            }

            CheckImage(generation);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task Load_WhileOthersPutAndRead_NothingIsLostOrDoubled()
    {
        var before = new PageIndex(new IndexObserverDouble(), null);
        for (int i = 0; i < Stable; i++)
        {
            Add(before, i, slot: 0, block: (uint)i);
        }

        using (SafeFileHandle file = Device.Create(Path))
        {
            await new IndexImageWriter(Device, TimeProvider.System, 0).WriteAsync(before, Manifest, file, long.MaxValue, CancellationToken.None);
        }

        Assert.True(IndexImage.TryOpen(Path, Device, out IndexImage? opened));
        using IndexImage image = opened!;
        var observer = new IndexObserverDouble();
        var index = new PageIndex(observer, image);
        await Task.WhenAll(
            Task.Run(() => index.LoadAll(CancellationToken.None)),
            Task.Run(() =>
            {
                for (int i = Stable - 1; i >= 0; i--)
                {
                    Assert.True(IsRight(index, observer, i));
                }
            }),
            Task.Run(() =>
            {
                for (int i = 0; i < Stable; i++)
                {
                    Add(index, Stable + i, slot: 1, block: (uint)i);
                }
            }));
        Assert.Equal(2 * Stable, index.PageCount);
        Assert.Equal(2 * Stable, observer.Added);
        Assert.Equal((0L, 0), (observer.Pins, image.BadShards));
        Assert.All(Enumerable.Range(0, 2 * Stable), i => Assert.True(IsRight(index, observer, i)));
    }

    private static void Add(PageIndex index, int file, ushort slot, uint block)
    {
        var record = new IndexedRecord(new RecordPlace(slot, block), 0, 65536, 0, false, (uint)file, 0);
        Assert.Equal(IndexAddOutcome.Added, index.Add(TestPages.Key(file), record, 0, 10, recovered: false, []));
    }

    private static bool IsRight(PageIndex index, IndexObserverDouble observer, int file)
    {
        if (!index.TryFind(TestPages.Key(file), 100, out _, out IndexedRecord record))
        {
            return false;
        }

        observer.Unpin(record.Place);
        Assert.Equal((uint)file, record.StoredAt);
        return true;
    }

    /// <summary>Adds and removes files of its own, small ones and large ones.</summary>
    private static void Churn(PageIndex index, int writer, CancellationToken stop)
    {
        var random = new Random(writer);
        uint block = 0;
        while (!stop.IsCancellationRequested)
        {
            int file = Stable + (random.Next(500) * 2) + writer;
            if (random.Next(3) == 0)
            {
                index.RemoveFile(TestPages.Id(file), FileVersion.None, []);
                continue;
            }

            var record = new IndexedRecord(new RecordPlace(1, block++ % 250_000), 0, 65536, 0, false, (uint)file, 0);
            index.Add(TestPages.Key(file, index: (uint)random.Next(12)), record, 0, 11, recovered: false, []);
        }
    }

    private void CheckImage(ulong generation)
    {
        Assert.True(IndexImage.TryOpen(Path, Device, out IndexImage? opened));
        using IndexImage image = opened!;
        Assert.Equal(generation, image.Manifest.Generation);
        var observer = new IndexObserverDouble();
        var index = new PageIndex(observer, image);
        index.LoadAll(CancellationToken.None);
        Assert.Equal(0, image.BadShards);
        Assert.Equal(image.PageCount, index.PageCount);
        Assert.All(Enumerable.Range(0, Stable), i => Assert.True(IsRight(index, observer, i), $"file {i} is missing"));
        Assert.All(Enumerable.Range(Stable, 1000), i => IsRight(index, observer, i));
    }
}
