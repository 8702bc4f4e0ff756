using Dora.Storage.Pages;
using Dora.Tests.Doubles;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages;

/// <summary>Random operations against a dictionary of what must be there.</summary>
public sealed class PageStoreModelTests
{
    private const int Blocks = 4;

    [Theory]
    [InlineData(1, 64L * 1024 * 1024)]
    [InlineData(2, 64L * 1024 * 1024)]
    [InlineData(3, 2L * 1024 * 1024)]
    [InlineData(4, 2L * 1024 * 1024)]
    public async Task AnySequence_AgreesWithTheModel(int seed, long capacity)
    {
        using var directory = new TempDirectory();
        var random = new Random(seed);
        bool neverEvicts = capacity > 32 * 1024 * 1024;
        var options = new PageStoreOptions { Directory = directory.Path, CapacityBytes = capacity, SegmentBytes = 300_000 };
        SegmentPageStore store = await SegmentStores.OpenAsync(options);
        var model = new Dictionary<FileId, (ulong Version, HashSet<(uint Page, int Block)> Blocks)>();
        for (int step = 0; step < 1500; step++)
        {
            int file = random.Next(5);
            switch (random.Next(20))
            {
                case < 8:
                    await PutAsync(store, model, random, file);
                    break;
                case < 18:
                    await ReadAsync(store, model, random, file, neverEvicts, $"seed {seed} step {step}");
                    break;
                case 18 when random.Next(4) == 0:
                    store.Remove(Id(file), FileVersion.None);
                    model.Remove(Id(file));
                    break;
                case 19 when random.Next(20) == 0:
                    await store.DisposeAsync();
                    store = await SegmentStores.OpenAsync(options);
                    break;
            }

            Assert.InRange(store.Statistics.Bytes, 0, capacity);
        }

        Assert.Equal(0, store.Statistics.Damaged);
        if (neverEvicts)
        {
            Assert.Equal(model.Values.Sum(static f => f.Blocks.Select(static b => b.Page).Distinct().Count()), store.Statistics.Pages);
        }

        await store.DisposeAsync();
    }

    private static async Task PutAsync(
        SegmentPageStore store, Dictionary<FileId, (ulong Version, HashSet<(uint Page, int Block)> Blocks)> model, Random random, int file)
    {
        ulong version = (ulong)random.Next(1, 3);
        bool known = model.TryGetValue(Id(file), out var entry);
        if (known && random.Next(10) > 0)
        {
            version = entry.Version;
        }

        if (!known || entry.Version != version)
        {
            model[Id(file)] = entry = (version, []);
        }

        uint page = (uint)random.Next(6);
        int first = random.Next(Blocks);
        int count = random.Next(1, Blocks - first + 1);
        PutOutcome outcome = store.Put(Key(file, version, page), first * Grid, count * Grid);
        Assert.True(outcome is PutOutcome.Stored or PutOutcome.AlreadyStored, outcome.ToString());
        entry.Blocks.UnionWith(Enumerable.Range(first, count).Select(b => (page, b)));
    }

    private static async Task ReadAsync(
        SegmentPageStore store,
        Dictionary<FileId, (ulong Version, HashSet<(uint Page, int Block)> Blocks)> model,
        Random random,
        int file,
        bool exact,
        string where)
    {
        var key = Key(file, (ulong)random.Next(1, 3), (uint)random.Next(6));
        int offset = random.Next(Blocks * Grid);
        int length = random.Next(1, (Blocks * Grid) + 1 - offset);
        int expected = 0;
        bool known = model.TryGetValue(key.File, out var entry) && entry.Version == key.Version.Value;
        while (known && expected < length && entry.Blocks.Contains((key.Index, (offset + expected) / Grid)))
        {
            expected = Math.Min(length, (((offset + expected) / Grid) + 1) * Grid - offset);
        }

        int probed = store.Probe(key, offset, length);
        int read = store.ReadChecked(key, offset, length);
        Assert.True(probed == read && (exact ? read == expected : read <= expected), $"{where}: read {read}, probed {probed}, expected {expected}");
        if (store.LeaseChecked(key, offset, length))
        {
            Assert.Equal(length, read);
        }
    }
}
