using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;
using Eventually = Dora.Tests.Waiting.Eventually;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>
/// Random operations on a store of two directories whose disks fail at random, break down, come back, and are opened again, against a model of what may
/// be answered. <c>DORA_TEST_FULL=1</c> runs 200 sequences.
/// </summary>
public sealed class PageStoreFaultModelTests(ITestOutputHelper output) : IDisposable
{
    private const long Capacity = 3 * 1024 * 1024;
    private const int Files = 6;
    private const int Pages = 5;
    private const int Blocks = 4;
    private const int Steps = 400;

    private readonly TempDirectory _first = new();
    private readonly TempDirectory _second = new();
    private int _puts;
    private int _stored;
    private long _bytesRead;

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task AnySequence_OnASickDisk_NeverMoreThanTheModel()
    {
        int failures = 0;
        foreach (int seed in FullCounts.Seeds(4, 200))
        {
            Clean();
            try
            {
                failures += await RunAsync(seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }

        output.WriteLine($"{_puts} puts, {_stored} stored, {_bytesRead} bytes read, {failures} calls to the disk failed");

        // How many calls fail depends on when the store's own threads run.
        Assert.True(failures > 0 && _bytesRead > 1_000_000 && _stored > _puts / 4, "the sequences did not see enough");
    }

    private async Task<int> RunAsync(int seed)
    {
        var random = new Random(seed);
        var device = new ChaosPageDevice(seed);
        var time = new FakeTimeProvider();
        var model = new PageModel();
        SegmentPageStore store = Open(device, time);
        bool sinceStart = true;
        for (int step = 0; step < Steps; step++)
        {
            switch (random.Next(100))
            {
                case 0:
                    // A restart; the disk is well enough to be opened, and what it did not take down may be back.
                    (device.Rate, device.Broken) = (0, null);
                    await store.DisposeAsync();
                    store = Open(device, time);
                    sinceStart = false;
                    break;
                case < 4:
                    device.Rate = random.Next(3) == 0 ? 0.2 : 0.01;
                    break;
                case < 8:
                    (device.Rate, device.Broken) = (0, null);
                    break;
                case 8:
                    device.Broken = random.Next(2) == 0 ? _first.Path : _second.Path;
                    break;
                case < 12:
                    time.Advance(TimeSpan.FromSeconds(random.Next(1, 400)));
                    break;
                default:
                    await StepAsync(store, model, random, sinceStart);
                    break;
            }

            Assert.InRange(store.Statistics.Bytes, 0, 2 * Capacity);
        }

        await HealAsync(store, device, time);
        await store.DisposeAsync();
        await using SegmentPageStore last = Open(device, time);
        await CheckAllAsync(last, model);
        return device.Failures;
    }

    private async Task StepAsync(SegmentPageStore store, PageModel model, Random random, bool sinceStart)
    {
        int file = random.Next(Files);
        uint page = (uint)random.Next(Pages);
        ulong version = random.Next(12) == 0 ? model.VersionOf(file) + 1 : model.VersionOf(file);
        int first = random.Next(Blocks);
        switch (random.Next(20))
        {
            case < 9:
                int count = random.Next(1, Blocks - first + 1);
                PutOutcome outcome = store.Put(Key(file, version, page), first * Grid, count * Grid);
                model.Put(file, version, page, first, count, outcome);
                _puts++;
                _stored += outcome == PutOutcome.Stored ? 1 : 0;
                break;
            case < 17:
                await ReadAsync(store, model, Key(file, random.Next(4) == 0 ? version + 1 : version, page), file, random, sinceStart);
                break;
            case 17:
                store.RemovePage(Key(file, version, page));
                model.RemovePage(file, version, page);
                break;
            default:
                store.Remove(Id(file), FileVersion.None);
                model.Remove(file);
                break;
        }
    }

    private async Task ReadAsync(SegmentPageStore store, PageModel model, PageKey key, int file, Random random, bool sinceStart)
    {
        int offset = random.Next(Blocks * Grid);
        int length = random.Next(1, (Blocks * Grid) + 1 - offset);
        int most = model.AtMost(file, key.Version.Value, key.Index, offset, length, sinceStart);
        int read = store.ReadChecked(key, offset, length);
        Assert.True(read <= most, $"{key} from {offset}: {read} bytes, the model has {most}");
        _bytesRead += read;
        if (store.LeaseChecked(key, offset, length))
        {
            Assert.True(most == length, $"{key} from {offset}: {length} bytes leased, the model has {most}");
        }
    }

    /// <summary>Both directories work again, and both take pages.</summary>
    private static async Task HealAsync(SegmentPageStore store, ChaosPageDevice device, FakeTimeProvider time)
    {
        (device.Rate, device.Broken) = (0, null);
        int file = 100;
        await Eventually.Async(
            async () =>
            {
                time.Advance(TimeSpan.FromMinutes(6));
                PutOutcome outcome = store.Put(Key(++file), 0, Grid);
                return outcome == PutOutcome.Stored && store.ReadChecked(Key(file), 0, Grid) == Grid;
            },
            "the store takes pages again after the disk is well");
    }

    private static async Task CheckAllAsync(SegmentPageStore store, PageModel model)
    {
        foreach ((PageKey page, int offset) in model.Ever)
        {
            store.ReadChecked(page, offset, Grid);
        }

        Assert.InRange(store.Statistics.Bytes, 0, 2 * Capacity);
        Assert.Equal(PutOutcome.Stored, store.Put(Key(200), 0, Grid));
    }

    private SegmentPageStore Open(ChaosPageDevice device, FakeTimeProvider time) => SegmentPageStore.Open(
        new PageStoreOptions
        {
            Directory = _first.Path,
            CapacityBytes = Capacity,
            MoreDirectories = [new PageDirectoryOptions(_second.Path, Capacity)],
            SegmentBytes = 512 * 1024,
        },
        time,
        NullLogger.Instance,
        device);

    private void Clean()
    {
        foreach (string directory in (string[])[_first.Path, _second.Path])
        {
            Directory.Delete(directory, recursive: true);
            Directory.CreateDirectory(directory);
        }
    }
}
