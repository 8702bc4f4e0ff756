using Dora.Storage.Pages;
using Dora.Tests.Doubles;
using Xunit.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>
/// Whatever happened to the files while nobody looked (<see cref="Damage"/>): the store opens, serves right bytes or "not cached", keeps its cap, and works
/// on. <c>DORA_TEST_FULL=1</c> runs 1,080 cases.
/// </summary>
public sealed class PageStoreDamageTests(ITestOutputHelper output) : IDisposable
{
    private const long Capacity = 4 * 1024 * 1024;
    private const int Files = 6;
    private const uint Pages = 3;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Open_AfterAnyDamage_RightBytesOrNone()
    {
        DirectorySnapshot stranger = await WriteStrangerAsync();
        (DirectorySnapshot earlier, DirectorySnapshot now) = await WriteAsync();
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        int cases = 0;
        foreach (int seed in FullCounts.Seeds(4, 60))
        {
            for (int i = 0; i < Damage.Kinds.Length; i++, cases++)
            {
                string kind = Damage.Kinds[i];
                var random = new Random((seed * 1000) + i);
                now.Restore(_directory.Path);
                var damage = new Damage(_directory.Path, earlier, stranger, random);
                for (int times = random.Next(1, 3); times > 0; times--)
                {
                    damage.Apply(kind);
                }

                found[kind] = found.GetValueOrDefault(kind) + await CheckAsync($"seed {seed}, {kind}", random);
            }
        }

        output.WriteLine($"{cases} cases; pages found by kind of damage: {string.Join(", ", found)}");

        // The damage must not be so great that the check sees nothing.
        Assert.True(found["flip bits"] > cases / Damage.Kinds.Length, $"only {found["flip bits"]} pages found after flips");
        Assert.True(found["damage the checkpoint"] > cases / Damage.Kinds.Length, $"only {found["damage the checkpoint"]} pages found without the checkpoint");
    }

    private static int Length(int file, uint page) => ((file + (int)page) % 3) switch { 0 => 2 * Grid, 1 => Grid + 100 + file, _ => 777 };

    private SegmentPageStore Open() => SegmentPageStore.Open(
        new PageStoreOptions { Directory = _directory.Path, CapacityBytes = Capacity, SegmentBytes = 512 * 1024 }, TimeProvider.System);

    /// <summary>Another store with the same pages and other bytes: served, they would be seen to be wrong.</summary>
    private async Task<DirectorySnapshot> WriteStrangerAsync()
    {
        await using (SegmentPageStore store = Open())
        {
            for (int file = 0; file < Files; file++)
            {
                store.Put(Key(file, version: 2), 0, new byte[Length(file, 0)]);
            }
        }

        var stranger = DirectorySnapshot.Take(_directory.Path);
        new DirectorySnapshot().Restore(_directory.Path);
        return stranger;
    }

    /// <summary>Two states of one store, closed each time: in between half of the files got another version, one was removed and pages were added.</summary>
    private async Task<(DirectorySnapshot Earlier, DirectorySnapshot Now)> WriteAsync()
    {
        await using (SegmentPageStore store = Open())
        {
            await PutAsync(store, Enumerable.Range(0, Files), version: 1);
        }

        var earlier = DirectorySnapshot.Take(_directory.Path);
        await using (SegmentPageStore store = Open())
        {
            await PutAsync(store, Enumerable.Range(0, Files / 2), version: 2);
            store.Remove(Id(Files - 1), FileVersion.None);
            await PutAsync(store, [Files - 1], version: 2);
        }

        return (earlier, DirectorySnapshot.Take(_directory.Path));
    }

    private static async Task PutAsync(SegmentPageStore store, IEnumerable<int> files, ulong version)
    {
        foreach (int file in files)
        {
            for (uint page = 0; page < Pages; page++)
            {
                PutOutcome outcome = store.Put(Key(file, version, page), 0, Length(file, page));
                Assert.Equal(PutOutcome.Stored, outcome);
            }
        }
    }

    private async Task<int> CheckAsync(string where, Random random)
    {
        try
        {
            int found;
            await using (SegmentPageStore store = Open())
            {
                await ReadAllAsync(store, random);
                await store.WhenRecovered.WaitAsync(TimeSpan.FromMinutes(1));
                found = await ReadAllAsync(store, random);
                Assert.InRange(store.Statistics.Bytes, 0, Capacity);
                Assert.Equal(PutOutcome.Stored, store.Put(Key(99, index: 7), 0, Grid));
                Assert.Equal(Grid, store.ReadChecked(Key(99, index: 7), 0, Grid));
            }

            await using SegmentPageStore again = Open();
            await again.WhenRecovered.WaitAsync(TimeSpan.FromMinutes(1));
            await ReadAllAsync(again, random);
            Assert.InRange(again.Statistics.Bytes, 0, Capacity);
            Assert.Equal(Grid, again.ReadChecked(Key(99, index: 7), 0, Grid));
            return found;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{where}: {e.Message}", e);
        }
    }

    private static async Task<int> ReadAllAsync(SegmentPageStore store, Random random)
    {
        int found = 0;
        for (int file = 0; file < Files; file++)
        {
            for (ulong version = 1; version <= 2; version++)
            {
                for (uint page = 0; page < Pages; page++)
                {
                    PageKey key = Key(file, version, page);
                    int offset = random.Next(Length(file, page));
                    store.LeaseChecked(key, offset, 1);
                    store.ReadChecked(key, offset, Grid);
                    found += store.ReadChecked(key, 0, 2 * Grid) > 0 ? 1 : 0;
                }
            }
        }

        return found;
    }
}
