using Dora.Storage.Pages;
using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages;

public sealed class SegmentPageStoreTests : IDisposable
{
    private const long Capacity = 4 * 1024 * 1024;

    /// <summary>Where the first record's bytes begin.</summary>
    private const long Payload = SegmentHeader.Reserved + RecordPlace.StepSize;

    private readonly TempDirectory _directory = new();
    private readonly FaultyPageDevice _device = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Open_Twice_RefusedWithOneLine()
    {
        await using SegmentPageStore first = await OpenAsync();
        DoraException e = Assert.Throws<DoraException>(() => Open());
        Assert.Equal(DoraErrorCode.Configuration, e.Code);
        Assert.Equal($"page directory '{_directory.Path}' is in use by another Dora worker: stop that one or choose another directory", e.Message);
    }

    [Fact]
    public void Open_LockCannotBeMade_IsNotTakenForAnotherWorker()
    {
        string name = Path.Combine(_directory.Path, "lock");
        File.CreateSymbolicLink(name, name);
        DoraException e = Assert.Throws<DoraException>(() => Open());
        Assert.Equal(DoraErrorCode.Configuration, e.Code);
        Assert.StartsWith($"page directory '{_directory.Path}' cannot be used (", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_HeadersCannotBeRead_TheRestIsServed()
    {
        await using (SegmentPageStore store = await OpenAsync())
        {
            for (int file = 0; file < 12; file++)
            {
                store.Put(Key(file), 0, Grid);
            }
        }

        int reads = _device.Reads;
        await using (SegmentPageStore store = await OpenAsync())
        {
            Assert.Equal(12, store.Statistics.Pages);
        }

        // Each read of a start fails once; what is lost stays lost, so the numbers only go down.
        reads = _device.Reads - reads;
        long pages = 12;
        for (int at = 1; at <= reads; at += 3)
        {
            int left = at;
            _device.OnRead = () => _ = Interlocked.Decrement(ref left) == 0 ? throw new IOException("Input/output error") : 0;
            await using SegmentPageStore store = await OpenAsync();
            _device.OnRead = null;
            Assert.InRange(store.Statistics.Pages, 0, pages);
            Assert.True(left > 0 || store.Statistics.Damaged > 0 || store.Statistics.Pages == pages, "the failed read lost pages and was not counted");
            pages = store.Statistics.Pages;
            for (int file = 0; file < 12; file++)
            {
                store.ReadChecked(Key(file), 0, Grid);
            }
        }
    }

    [Fact]
    public async Task Open_NewerFormat_RefusedAndNothingTouched()
    {
        await using (SegmentPageStore store = await OpenAsync())
        {
            store.Put(Key(), 0, Grid);
        }

        string torn = Path.Combine(_directory.Path, "0000000000000000.seg");
        File.WriteAllBytes(torn, new byte[10]);
        string newer = Path.Combine(_directory.Path, "00000000000000ff.seg");
        byte[] header = new byte[64];
        new SegmentHeader(255, 1, 2).Write(header);
        header[8] = 7;
        BitConverter.TryWriteBytes(header.AsSpan(12), Crc32C.Compute(header.AsSpan(0, 12)));
        File.WriteAllBytes(newer, header);

        DoraException e = Assert.Throws<DoraException>(() => Open());

        Assert.Equal(DoraErrorCode.Configuration, e.Code);
        Assert.Equal(
            $"data directory '{_directory.Path}' was written by a newer Dora (format 7, this one knows 2): upgrade or choose another directory", e.Message);
        Assert.True(File.Exists(torn));
        File.Delete(newer);
        await using SegmentPageStore again = await OpenAsync();
        Assert.Equal(Grid, again.ReadChecked(Key(), 0, Grid));
        Assert.False(File.Exists(torn));
    }

    [Fact]
    public async Task Open_ForeignFiles_AreLeftOrSetAside()
    {
        string named = _directory.Write("00000000000000aa.seg", "somebody else's bytes"u8);
        string other = _directory.Write("notes.txt", "x"u8);
        await using SegmentPageStore store = await OpenAsync();
        Assert.False(File.Exists(named));
        Assert.Equal("somebody else's bytes", File.ReadAllText(Path.Combine(_directory.Path, "set-aside", "00000000000000aa.seg")));
        Assert.True(File.Exists(other));
        Assert.Equal(PutOutcome.Stored, store.Put(Key(), 0, Grid));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1024 * 1024 - 1)]
    public void Open_TinyCapacity_Refused(long capacity)
    {
        DoraException e = Assert.Throws<DoraException>(() => Open(capacity));
        Assert.Equal(DoraErrorCode.Configuration, e.Code);
        Assert.Contains("at least 1 MiB", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DirectoryIsAFile_Refused()
    {
        string file = _directory.Write("file", "x"u8);
        DoraException e = Assert.Throws<DoraException>(() => SegmentPageStore.Open(new PageStoreOptions { Directory = file }, _time));
        Assert.Equal(DoraErrorCode.Configuration, e.Code);
        Assert.Contains(file, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_Refused_FailedThenPausedThenTriedAgain()
    {
        var log = new ListLogger();
        await using SegmentPageStore store = await SegmentStores.OpenAsync(Options(), _time, _device, log);
        Assert.Equal(PutOutcome.Stored, store.Put(Key(0), 0, Grid));
        long bytes = store.Statistics.Bytes;
        _device.OnWrite = static length => throw new IOException("No space left on device");

        Assert.Equal(PutOutcome.Failed, store.Put(Key(1), 0, Grid));
        int writes = _device.Writes;
        Assert.Equal(PutOutcome.Failed, store.Put(Key(1), 0, Grid));
        Assert.Equal(writes, _device.Writes);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(PutOutcome.Failed, store.Put(Key(1), 0, Grid));
        Assert.True(_device.Writes > writes);
        Assert.Equal((3, bytes), (store.Statistics.WriteFailures, store.Statistics.Bytes));
        Assert.Single(log.Lines, static l => l.Contains("refuses writes", StringComparison.Ordinal));
        Assert.Equal(Grid, store.ReadChecked(Key(0), 0, Grid));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(PutOutcome.Failed, store.Put(Key(1), 0, Grid));
        Assert.Equal(2, log.Lines.Count(static l => l.Contains("refuses writes", StringComparison.Ordinal)));
        _device.OnWrite = null;
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(PutOutcome.Stored, store.Put(Key(1), 0, Grid));
        Assert.Equal(Grid, store.ReadChecked(Key(1), 0, Grid));
    }

    [Fact]
    public async Task Write_OnlyPayloadRefused_RoomIsGivenBackAndReopenFindsTheRest()
    {
        await using (SegmentPageStore store = await SegmentStores.OpenAsync(Options() with { FailurePause = TimeSpan.Zero }, _time, _device))
        {
            store.Put(Key(0), 0, Grid);
            long bytes = store.Statistics.Bytes;
            _device.OnWrite = static length => _ = length >= Grid ? throw new IOException("disk full") : 0;
            for (int i = 0; i < 200; i++)
            {
                Assert.Equal(PutOutcome.Failed, store.Put(Key(1), 0, Grid));
            }

            Assert.Equal(bytes, store.Statistics.Bytes);
            _device.OnWrite = null;
            Assert.Equal(PutOutcome.Stored, store.Put(Key(2), 0, Grid));
        }

        await using SegmentPageStore again = await OpenAsync();
        Assert.Equal(Grid, again.ReadChecked(Key(0), 0, Grid));
        Assert.Equal(Grid, again.ReadChecked(Key(2), 0, Grid));
        Assert.Equal((2, 0), (again.Statistics.Pages, again.Statistics.Damaged));
    }

    [Fact]
    public async Task Read_DamagedOnDisk_DroppedCountedAndPutAgain()
    {
        await using (SegmentPageStore store = await OpenAsync())
        {
            store.Put(Key(), 0, 3 * Grid);
        }

        FlipByte(Payload + Grid + 77);
        await using SegmentPageStore again = await OpenAsync();
        Assert.Equal(Grid, again.ReadChecked(Key(), 0, Grid));
        Assert.True(again.LeaseChecked(Key(), 2 * Grid, Grid));
        Assert.Equal(0, again.ReadChecked(Key(), Grid + 5, 1));
        Assert.Equal((0, 1), (again.Statistics.Pages, again.Statistics.Damaged));
        Assert.Equal(PutOutcome.Stored, again.Put(Key(), 0, 3 * Grid));
        Assert.Equal(3 * Grid, again.ReadChecked(Key(), 0, 3 * Grid));
    }

    [Fact]
    public async Task Lease_DamagedOnDisk_RefusedAndDropped()
    {
        await using SegmentPageStore store = await OpenAsync();
        store.Put(Key(), 0, Grid);
        FlipByte(Payload + 3);
        Assert.False(store.LeaseChecked(Key(), 100, 10));
        Assert.Equal((0, 1), (store.Statistics.Pages, store.Statistics.Damaged));
    }

    [Fact]
    public async Task Read_DiskError_NotCached()
    {
        await using SegmentPageStore store = await OpenAsync();
        store.Put(Key(), 0, Grid);
        _device.OnRead = static () => throw new IOException("Input/output error");
        Assert.Equal(0, store.ReadChecked(Key(), 0, Grid));
        _device.OnRead = null;
        Assert.Equal((0, 1), (store.Statistics.Pages, store.Statistics.Damaged));
    }

    [Fact]
    public async Task Read_SecondTime_OneReadAndNoAllocation()
    {
        await using SegmentPageStore store = await OpenAsync();
        store.Put(Key(), 0, 4 * Grid);
        byte[] buffer = new byte[Grid];
        PageKey key = Key();
        for (int i = 0; i < 100; i++)
        {
            store.Read(key, 1000, buffer);
        }

        int reads = _device.Reads;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            store.Read(key, 1000, buffer);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(100, _device.Reads - reads);
    }

    [Fact]
    public async Task Evict_FirstInFirstOut_OldestGoes_AndRemovedBeforeThat()
    {
        await using SegmentPageStore store = await SegmentStores.OpenAsync(Options() with { Eviction = EvictionPolicyKind.Fifo }, _time, _device);
        for (uint i = 0; i < 12; i++)
        {
            store.Put(Key(file: i is 6 or 7 ? 2 : 1, index: i), 0, 4 * Grid);
        }

        store.Remove(Id(2), FileVersion.None);
        long evicted = store.Statistics.Evicted;
        store.Put(Key(3), 0, 4 * Grid);
        Assert.Equal(evicted, store.Statistics.Evicted);
        while (store.Statistics.Evicted == evicted)
        {
            store.Put(Key(4, index: (uint)store.Statistics.Pages), 0, 4 * Grid);
        }

        Assert.Equal(0, store.Probe(Key(1, index: 0), 0, 1));
        Assert.Equal(1, store.Probe(Key(1, index: 11), 0, 1));
    }

    private PageStoreOptions Options(long capacity = Capacity) => new() { Directory = _directory.Path, CapacityBytes = capacity };

    private Task<SegmentPageStore> OpenAsync() => SegmentStores.OpenAsync(Options(), _time, _device);

    private SegmentPageStore Open(long capacity = Capacity) => SegmentPageStore.Open(Options(capacity), _time, NullLogger.Instance, _device);

    private void FlipByte(long position)
    {
        string segment = Directory.GetFiles(_directory.Path, "*.seg").Single();
        using FileStream file = new(segment, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = position;
        int value = file.ReadByte();
        file.Position = position;
        file.WriteByte((byte)~value);
    }

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
