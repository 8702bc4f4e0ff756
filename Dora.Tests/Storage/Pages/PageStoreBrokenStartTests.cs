using System.Collections.Concurrent;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages;

/// <summary>Stores that open while the disk of a directory is broken.</summary>
public sealed class PageStoreBrokenStartTests : IDisposable
{
    private const long Capacity = 8 * 1024 * 1024;
    private const uint Pages = 40;
    private const int EIO = 5;
    private const int ENODEV = 19;
    private const int EROFS = 30;
    private const int ESTALE = 116;

    private readonly TempDirectory[] _directories = [new(), new()];
    private readonly FaultyPageDevice _device = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Lines _log = new();
    private int _refused;

    public void Dispose() => Array.ForEach(_directories, static d => d.Dispose());

    /// <summary>The name's end says what cannot be used; the empty one is the directory itself.</summary>
    [Theory]
    [InlineData(0, "/lock", EIO)]
    [InlineData(1, "/lock", EROFS)]
    [InlineData(1, "/lock", ENODEV)]
    [InlineData(0, "", EIO)]
    [InlineData(1, "", ESTALE)]
    [InlineData(0, ".seg", EIO)]
    [InlineData(1, ".seg", EIO)]
    [InlineData(0, ".tmp", EROFS)]
    [InlineData(0, ".index", EIO)]
    public async Task Open_OneDiskBroken_StartsQuarantinedAndComesBack(int broken, string name, int error)
    {
        await FillAsync();
        string path = _directories[broken].Path;
        _directories[broken].Write("00000000000000ff.index", "no checkpoint"u8);
        _directories[broken].Write("00000000000000fe.tmp", "left by a crash"u8);
        Break(broken, name, error);
        await using SegmentPageStore store = await OpenAsync();
        Assert.Equal((true, 1L), (store.Statistics.Directories[broken].IsQuarantined, store.Statistics.Directories[broken].Quarantines));
        Assert.False(store.Statistics.Directories[1 - broken].IsQuarantined);
        Assert.Single(_log, line => line.StartsWith($"Page directory {path} is quarantined (injected", StringComparison.Ordinal));
        int served = await ReadAllAsync(store);
        Assert.InRange(served, 5, (int)Pages - 5);
        await PutAllAsync(store);
        Assert.Equal((int)Pages, await ReadAllAsync(store));

        // While the whole disk fails it is tried and stays out; then it is used again.
        Break(broken, string.Empty, error);
        Break(broken, "/probe.tmp", error);
        int before = Volatile.Read(ref _refused);
        await AdvanceUntilAsync(() => Volatile.Read(ref _refused) >= before + 3, "the broken disk is tried three times");
        Assert.True(store.Statistics.Directories[broken].IsQuarantined);
        _device.OnPath = null;
        await AdvanceUntilAsync(() => !store.Statistics.Directories[broken].IsQuarantined, "the repaired disk is used again");
        Assert.Equal(0, store.Statistics.Directories[broken].Records);
        await PutAllAsync(store, file: 2);
        Assert.InRange(store.Statistics.Directories[broken].Records, 5, Pages);
        Assert.Equal((int)Pages, await ReadAllAsync(store, file: 2));
        Assert.InRange(store.Statistics.Directories[broken].Bytes, DirectorySize.Of(path), Capacity);
    }

    [Fact]
    public async Task Open_HeaderUnreadable_DirectoryIsQuarantined()
    {
        await FillAsync();
        int reads = 0;
        _device.OnRead = () => _ = Interlocked.Increment(ref reads) == 1 ? throw new IOException("injected", EIO) : 0;
        await using SegmentPageStore store = await OpenAsync();
        Assert.Equal([true, false], store.Statistics.Directories.Select(static d => d.IsQuarantined));
        await AdvanceUntilAsync(() => !store.Statistics.Directories[0].IsQuarantined, "the repaired disk is used again");
    }

    [Fact]
    public async Task Restart_OneDiskStillBroken_WhatWasStoredMeanwhileIsThere()
    {
        Break(0, "/lock", EIO);
        await FillAsync();
        await using SegmentPageStore store = await OpenAsync();
        Assert.Equal((int)Pages, await ReadAllAsync(store));
    }

    [Fact]
    public async Task Probe_NewerFormat_StaysOutAndIsNotTouched()
    {
        byte[] header = new byte[64];
        new SegmentHeader(255, 1, 2).Write(header);
        header[8] = 7;
        BitConverter.TryWriteBytes(header.AsSpan(12), Crc32C.Compute(header.AsSpan(0, 12)));
        string newer = _directories[0].Write("00000000000000ff.seg", header);
        Break(0, "/lock", EIO);
        await using SegmentPageStore store = await OpenAsync();
        _device.OnPath = null;
        await AdvanceUntilAsync(() => _log.Any(static l => l.Contains("written by a newer Dora", StringComparison.Ordinal)), "the log says why");
        Assert.True(store.Statistics.Directories[0].IsQuarantined);
        Assert.True(File.Exists(newer));
        File.Delete(newer);
        await AdvanceUntilAsync(() => !store.Statistics.Directories[0].IsQuarantined, "the directory is used again");
    }

    [Fact]
    public void Open_AllDisksBroken_RefusedWithOneLine()
    {
        Break(0, "/lock", EIO);
        Break(1, string.Empty, EIO);
        DoraException both = Assert.Throws<DoraException>(() => Open(Two()));
        Assert.Equal(DoraErrorCode.Configuration, both.Code);
        Assert.Equal(
            $"page directory '{_directories[0].Path}', '{_directories[1].Path}' cannot be used (injected 5): repair it or choose another directory", both.Message);
        DoraException only = Assert.Throws<DoraException>(() => Open(Two() with { MoreDirectories = [] }));
        Assert.Equal($"page directory '{_directories[0].Path}' cannot be used (injected 5): repair it or choose another directory", only.Message);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Open_OneDiskBroken_MistakesWithTheOtherAreRefused()
    {
        Break(0, "/lock", EIO);
        Action<string> broken = _device.OnPath!;
        _device.OnPath += path => _ = path == Path.Combine(_directories[1].Path, "lock") ? throw new UnauthorizedAccessException() : 0;
        Assert.StartsWith($"page directory '{_directories[1].Path}' cannot be written", Assert.Throws<DoraException>(() => Open(Two())).Message, StringComparison.Ordinal);
        _device.OnPath = broken;
        string file = _directories[1].Write("file", "x"u8);
        PageStoreOptions below = Two() with { MoreDirectories = [new PageDirectoryOptions(Path.Combine(file, "pages"), Capacity)] };
        Assert.StartsWith($"page directory '{file}/pages' cannot be created", Assert.Throws<DoraException>(() => Open(below)).Message, StringComparison.Ordinal);
        await using SegmentPageStore other = Open(Two() with { Directory = _directories[1].Path, MoreDirectories = [] });
        Assert.Contains("is in use by another Dora worker", Assert.Throws<DoraException>(() => Open(Two())).Message, StringComparison.Ordinal);
    }

    private void Break(int directory, string name, int error)
    {
        string path = _directories[directory].Path;
        _device.OnPath += asked =>
        {
            if (name.Length == 0 ? asked == path : asked.StartsWith(path, StringComparison.Ordinal) && asked.EndsWith(name, StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _refused);
                throw new IOException($"injected {error}", error);
            }
        };
    }

    private async Task FillAsync()
    {
        await using SegmentPageStore store = await OpenAsync();
        await PutAllAsync(store);
        _log.Clear();
    }

    private static async Task PutAllAsync(SegmentPageStore store, int file = 1)
    {
        for (uint i = 0; i < Pages; i++)
        {
            Assert.Contains(store.Put(Key(file, index: i), 0, Grid), new[] { PutOutcome.Stored, PutOutcome.AlreadyStored });
        }
    }

    private static async Task<int> ReadAllAsync(SegmentPageStore store, int file = 1)
    {
        int count = 0;
        for (uint i = 0; i < Pages; i++)
        {
            count += store.ReadChecked(Key(file, index: i), 0, Grid) == Grid ? 1 : 0;
        }

        return count;
    }

    private Task AdvanceUntilAsync(Func<bool> condition, string what) => Eventually.Async(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        what,
        TimeSpan.FromSeconds(60));

    private PageStoreOptions Two() => new()
    {
        Directory = _directories[0].Path,
        CapacityBytes = Capacity,
        MoreDirectories = [new PageDirectoryOptions(_directories[1].Path, Capacity)],
    };

    private SegmentPageStore Open(PageStoreOptions options) => SegmentPageStore.Open(options, _time, _log, _device);

    private Task<SegmentPageStore> OpenAsync() => SegmentStores.OpenAsync(Two(), _time, _device, _log);

    /// <summary>What was logged.</summary>
    private sealed class Lines : ConcurrentQueue<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue(formatter(state, exception));
    }
}
