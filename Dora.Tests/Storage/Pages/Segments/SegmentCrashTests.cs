using Dora.Storage.Pages;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Tests.Doubles;
using Dora.Tests.Storage.Pages.Proofs;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Segments;

/// <summary>Whatever happened to the files while nobody looked: the store opens, and serves right bytes or none.</summary>
public sealed class SegmentCrashTests : IDisposable
{
    private const long Capacity = 2 * 1024 * 1024;
    private const uint Pages = 12;
    private static readonly int Cases = FullCounts.Of(60, 1000);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Reopen_AfterAnyDamage_RightBytesOrNone()
    {
        Dictionary<string, byte[]> pristine = await WriteSomeAsync();
        long found = 0;
        for (int seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            Restore(pristine);
            Damage(random);
            found += await CheckAsync(seed, random);
        }

        // The damage must not be so great that the check sees nothing: most pages survive most cases.
        Assert.InRange(found, Cases * Pages / 2, Cases * Pages);
    }

    [Fact]
    public async Task Reopen_CutAnywhere_KeepsEverythingBeforeTheCut()
    {
        Dictionary<string, byte[]> pristine = await WriteSomeAsync();
        (string last, byte[] content) = pristine.MaxBy(static p => p.Key);
        for (int length = 0; length <= content.Length; length += 4093)
        {
            Restore(pristine);
            File.WriteAllBytes(last, content[..length]);
            await using SegmentPageStore store = await OpenAsync();
            long pages = store.Statistics.Pages;
            Assert.InRange(pages, 1, Pages);
            for (uint page = 0; page < Pages; page++)
            {
                int there = store.Probe(Key(index: page), 0, Length(page));
                Assert.Equal(there, store.ReadChecked(Key(index: page), 0, Length(page)));
            }

            // Appended behind the cut, and found by the next start.
            Assert.Equal(PutOutcome.Stored, store.Put(Key(9), 0, Grid));
            await store.DisposeAsync();
            await using SegmentPageStore again = await OpenAsync();
            Assert.Equal((pages + 1, 0), (again.Statistics.Pages, again.Statistics.Damaged));
            Assert.Equal(Grid, again.ReadChecked(Key(9), 0, Grid));
        }
    }

    [Fact]
    public async Task Reopen_PayloadNeverWritten_LaterRecordsAreFound()
    {
        // A writer that was killed between head and payload, while another finished behind it: a hole of zeros.
        await using (SegmentPageStore store = await OpenAsync())
        {
            for (int file = 0; file < 3; file++)
            {
                store.Put(Key(file), 0, 1000);
            }
        }

        string segment = Directory.GetFiles(_directory.Path, "*.seg").Single();
        byte[] bytes = File.ReadAllBytes(segment);
        bytes.AsSpan(SegmentHeader.Reserved + RecordHeader.SizeOf(1000) + RecordHeader.Size, 1000).Clear();
        File.WriteAllBytes(segment, bytes);
        await using SegmentPageStore again = await OpenAsync();
        Assert.Equal(1000, again.ReadChecked(Key(0), 0, 1000));
        Assert.Equal(0, again.ReadChecked(Key(1), 0, 1000));
        Assert.Equal(1000, again.ReadChecked(Key(2), 0, 1000));
        Assert.Equal(1, again.Statistics.Damaged);
    }

    [Fact]
    public async Task Reopen_RemovedAndPutAgainBehindTheCheckpoint_IsFound()
    {
        await using (SegmentPageStore store = await OpenAsync())
        {
            store.Put(Key(0), 0, 2 * Grid);
            store.Put(Key(1), 0, Grid);
            store.Put(Key(2), 0, Grid);
        }

        // The checkpoint of that close knows records that are gone when the process dies, and covers with them what was put in their place.
        var closed = DirectorySnapshot.Take(_directory.Path);
        DirectorySnapshot killed;
        await using (SegmentPageStore store = await OpenAsync())
        {
            store.Remove(Key(0).File, FileVersion.None);
            store.Remove(Key(1).File, FileVersion.None);
            Assert.Equal(PutOutcome.Stored, store.Put(Key(0), Grid, Grid));
            Assert.Equal(PutOutcome.Stored, store.Put(Key(1), 0, Grid));
            killed = DirectorySnapshot.TakeOpen(_directory.Path, closed);
        }

        killed.Restore(_directory.Path);
        await using SegmentPageStore again = await OpenAsync();
        Assert.Equal(Grid, again.ReadChecked(Key(0), Grid, Grid));
        Assert.Equal(Grid, again.ReadChecked(Key(1), 0, Grid));
        Assert.Equal(0, again.Statistics.Damaged);
    }

    private static int Length(uint page) => page % 3 == 0 ? 2 * Grid : (int)(Grid + 100 + page);

    private Task<SegmentPageStore> OpenAsync() => SegmentStores.OpenAsync(
        new PageStoreOptions { Directory = _directory.Path, CapacityBytes = Capacity, SegmentBytes = 512 * 1024 });

    private async Task<Dictionary<string, byte[]>> WriteSomeAsync()
    {
        await using (SegmentPageStore store = await OpenAsync())
        {
            for (uint page = 0; page < Pages; page++)
            {
                Assert.Equal(PutOutcome.Stored, store.Put(Key(index: page), 0, Length(page)));
            }
        }

        return Directory.GetFiles(_directory.Path, "*.seg").ToDictionary(static f => f, File.ReadAllBytes);
    }

    private void Restore(Dictionary<string, byte[]> pristine)
    {
        foreach (string file in Directory.GetFiles(_directory.Path, "*.seg", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        foreach ((string path, byte[] content) in pristine)
        {
            File.WriteAllBytes(path, content);
        }
    }

    private void Damage(Random random)
    {
        string[] segments = [.. Directory.GetFiles(_directory.Path, "*.seg").Order(StringComparer.Ordinal)];
        string victim = segments[random.Next(segments.Length)];
        byte[] bytes = File.ReadAllBytes(victim);
        switch (random.Next(6))
        {
            case 0:
                bytes = bytes[..random.Next(bytes.Length)];
                break;
            case 1:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                Swap(bytes, random);
                break;
            case 3:
                bytes.AsSpan(random.Next(bytes.Length - 4096), 4096).Clear();
                break;
            case 4:
                // One segment's bytes under another's name.
                bytes = File.ReadAllBytes(segments[random.Next(segments.Length)]);
                break;
            default:
                byte[] noise = new byte[random.Next(1, 10_000)];
                random.NextBytes(noise);
                bytes = [.. bytes, .. noise];
                break;
        }

        File.WriteAllBytes(victim, bytes);
    }

    /// <summary>Swaps two equally long aligned pieces, headers and payloads alike.</summary>
    private static void Swap(byte[] bytes, Random random)
    {
        int length = 64 << random.Next(8);
        int a = random.Next((bytes.Length - length) / 64) * 64;
        int b = random.Next((bytes.Length - length) / 64) * 64;
        byte[] first = bytes.AsSpan(a, length).ToArray();
        byte[] second = bytes.AsSpan(b, length).ToArray();
        second.CopyTo(bytes.AsSpan(a));
        first.CopyTo(bytes.AsSpan(b));
    }

    private async Task<int> CheckAsync(int seed, Random random)
    {
        int found = 0;
        await using SegmentPageStore store = await OpenAsync();
        for (uint page = 0; page < Pages; page++)
        {
            PageKey key = Key(index: page);
            int offset = random.Next(Length(page));
            store.ReadChecked(key, offset, Length(page) - offset);
            store.LeaseChecked(key, offset, 1);
            found += store.ReadChecked(key, 0, Length(page)) == Length(page) ? 1 : 0;
            Assert.True(store.Statistics.Bytes <= Capacity, $"seed {seed}: over the cap");
        }

        PutOutcome put = store.Put(Key(7), 0, Grid);
        Assert.True(put == PutOutcome.Stored, $"seed {seed}: {put}");
        Assert.Equal(Grid, store.ReadChecked(Key(7), 0, Grid));
        return found;
    }
}
