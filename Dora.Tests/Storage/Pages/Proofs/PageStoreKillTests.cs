using System.Globalization;
using Dora.Storage.Pages;
using Dora.Tests.Doubles;
using Xunit.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>
/// A process that writes, removes and evicts pages is killed by SIGKILL again and again on one directory, at seeded points: in the middle of a call to the
/// disk, or from outside. Afterwards the store opens, every byte read is right, the cap holds, and what was acknowledged is there. <c>DORA_TEST_FULL=1</c> kills 240 times.
/// </summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class PageStoreKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Killed = 128 + 9;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(64L * 1024 * 1024)]
    [InlineData(6L * 1024 * 1024)]
    public async Task Writer_KilledAnywhere_StoreOpensWithRightBytesUnderItsCap(long capacity)
    {
        bool neverEvicts = capacity > 32L * 1024 * 1024;
        var expected = new Acknowledged();
        long must = 0, pages = 0, damaged = 0;
        List<string> missing = [];
        foreach (int seed in FullCounts.Seeds(6, 120))
        {
            expected.Add(await RunUntilKilledAsync(capacity, seed));
            if (seed % 3 == 2)
            {
                // The next process opens what the crash left, without a clean close in between.
                continue;
            }

            await using SegmentPageStore store = Open(capacity);
            await store.WhenRecovered.WaitAsync(TimeSpan.FromMinutes(1));
            Assert.InRange(store.Statistics.Bytes, 0, capacity);
            pages += await ReadAllAsync(store, expected.Versions);
            foreach ((PageKey page, int offset) in expected.Blocks)
            {
                must++;
                if (store.ReadChecked(page, offset, Grid) != Grid)
                {
                    missing.Add($"seed {seed}: {page} at {offset}");
                }
            }

            damaged += store.Statistics.Damaged;
            Assert.Equal(PutOutcome.Stored, store.Put(Key(99, (ulong)seed + 1), 0, Grid));
        }

        output.WriteLine($"{must} acknowledged blocks, {must - missing.Count} found; {pages} pages read, {damaged} records dropped as damaged");
        Assert.True(pages > 0, "nothing was left to check");
        Assert.True(
            !neverEvicts || missing.Count == 0,
            $"{missing.Count} of {must} acknowledged blocks were not found: {string.Join("; ", missing.Take(10))}");
    }

    [Fact]
    public async Task Open_AnotherProcessHasTheDirectory_RefusedUntilItDies()
    {
        await using ChildProcess child = ChildProcess.Start(static lines => lines.Count > 20, PageWriter.Name, _directory.Path, 8 << 20, 1, 0);
        await child.ReachedAsync();
        DoraException refused = Assert.Throws<DoraException>(() => Open(8 << 20));
        Assert.Contains("is in use by another Dora worker", refused.Message, StringComparison.Ordinal);
        child.Kill();
        Assert.Equal(Killed, await child.ExitAsync());
        await using SegmentPageStore store = Open(8 << 20);
        Assert.Equal(PutOutcome.Stored, store.Put(Key(99), 0, Grid));
    }

    private async Task<IReadOnlyList<string>> RunUntilKilledAsync(long capacity, int seed)
    {
        var random = new Random(seed);
        bool fromOutside = seed % 2 == 0;
        int acknowledged = random.Next(1, 300);
        int deadlyCall = fromOutside ? 0 : random.Next(1, 600);
        await using ChildProcess child = ChildProcess.Start(
            lines => lines.Count > acknowledged && fromOutside, PageWriter.Name, _directory.Path, capacity, seed, deadlyCall);
        await child.ReachedAsync();
        child.Kill();
        int code = await child.ExitAsync();
        Assert.True(code == Killed, $"seed {seed}: the writer ended with {code}: {child.Lines.LastOrDefault()} {await child.ErrorsAsync()}");
        return child.Lines;
    }

    private SegmentPageStore Open(long capacity) => SegmentPageStore.Open(
        new PageStoreOptions { Directory = _directory.Path, CapacityBytes = capacity, SegmentBytes = 1024 * 1024 }, TimeProvider.System);

    private static async Task<int> ReadAllAsync(SegmentPageStore store, IEnumerable<(int File, ulong Version)> versions)
    {
        int found = 0;
        foreach ((int file, ulong version) in versions)
        {
            for (uint page = 0; page < PageWriter.Pages; page++)
            {
                PageKey key = Key(file, version, page);
                found += store.ReadChecked(key, 0, 2 * Grid) > 0 ? 1 : 0;
                store.LeaseChecked(key, Grid, Grid);
            }
        }

        return found;
    }

    /// <summary>What must be there, by the writers' words.</summary>
    private sealed class Acknowledged
    {
        private readonly Dictionary<int, (ulong Version, HashSet<(uint Page, int Block)> Blocks)> _files = [];

        /// <summary>All that were ever put or tried.</summary>
        public HashSet<(int File, ulong Version)> Versions { get; } = [];

        public IEnumerable<(PageKey Page, int Offset)> Blocks =>
            _files.SelectMany(static f => f.Value.Blocks.Select(b => (Key(f.Key, f.Value.Version, b.Page), b.Block * Grid)));

        public void Add(IEnumerable<string> lines)
        {
            foreach (string[] words in lines.Select(static l => l.Split(' ')))
            {
                Assert.NotEqual("wrong", words[0]);
                if (words[0] is "remove" or "version")
                {
                    _files.Remove(Number(words[1]));
                }

                if (words[0] == "version")
                {
                    Versions.Add((Number(words[1]), (ulong)Number(words[2])));
                }
                else if (words[0] == "put")
                {
                    (int file, ulong version) = (Number(words[1]), (ulong)Number(words[2]));
                    if (!_files.TryGetValue(file, out var entry) || entry.Version != version)
                    {
                        _files[file] = entry = (version, []);
                    }

                    entry.Blocks.UnionWith(Enumerable.Range(Number(words[4]), Number(words[5])).Select(b => ((uint)Number(words[3]), b)));
                }
            }
        }

        private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }
}
