using Dora.PageChannel.SameHost;
using Dora.Silo.SameHost;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Dora.Tests.Silo.SameHost;
using Dora.Tests.Waiting;
using Xunit.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.SameHost;

/// <summary>
/// Readers that have nothing but passed descriptors and located pages, while the store under them evicts, frees, rewrites, moves, expires, quarantines, deletes
/// segments and starts anew: never a wrong byte. In full, 2 million reads that were right:
/// <c>DORA_TEST_FULL=1 ./dora test --filter FullyQualifiedName~LocateProof</c>.
/// </summary>
public sealed class LocateProofTests(ITestOutputHelper output)
{
    private const int Files = 6;
    private const uint Pages = 24;
    private const int Readers = 3;
    private const long Capacity = 6 << 20;

    private readonly ReaderWriterLockSlim _lives = new();
    private volatile SegmentPageStore _store = null!;
    private volatile string? _problem;
    private volatile bool _writesFail;
    private volatile bool _readsFail;
    private long _right;
    private long _changed;
    private long _notInMemory;

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Readers_OfAStoreThatChanges_NeverSeeAWrongByte(bool diskBreaks, bool hasHoles)
    {
        using var temporary = new TempDirectory();
        var options = new PageStoreOptions
        {
            Directory = Path.Combine(temporary.Path, "a"),
            CapacityBytes = Capacity,
            MoreDirectories = [new PageDirectoryOptions(Path.Combine(temporary.Path, "b"), Capacity)],
            SegmentBytes = 512 * 1024,
            CheckpointInterval = TimeSpan.FromMilliseconds(50),
            ScrubBytesPerSecond = 20 << 20,
            ProbePause = TimeSpan.FromMilliseconds(20),
        };
        var device = new FaultyPageDevice { CanPunch = hasHoles, OnWrite = _ => ThrowIf(_writesFail), OnRead = () => ThrowIf(_readsFail) };
        _store = await SegmentStores.OpenAsync(options, TimeProvider.System, device);
        await using SameHostDoor door = Doors.Open(temporary.Path, name => WithStore(s => s.OpenSegment(name)));
        long goal = FullCounts.Of(20_000, 1_000_000);
        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, Readers).Select(i => Task.Run(() => ReadAsync(door, new Random(FullCounts.FirstSeed + i), stop.Token)))];
        Task writing = Task.Run(async () =>
        {
            for (int step = 0; Interlocked.Read(ref _right) < goal && _problem is null; step++)
            {
                await ChangeAsync(new Random(FullCounts.FirstSeed + 1000 + step));
                if (diskBreaks)
                {
                    _writesFail = step % 60 > 56;
                    _readsFail = step % 90 > 87;
                }

                if (step % 150 == 149)
                {
                    await RestartAsync(options, device);
                }
            }
        });
        await writing.WaitAsync(TimeSpan.FromMinutes(FullCounts.Of(3, 30)));
        (_writesFail, _readsFail) = (false, false);
        await stop.CancelAsync();
        await Task.WhenAll(readers).Within("the readers");
        output.WriteLine($"{_right} reads right, {_changed} found a change, {_notInMemory} not in memory; {_store.Statistics}");
        await _store.DisposeAsync();

        Assert.Null(_problem);
        Assert.True(_changed > goal / 200, $"only {_changed} reads met a change");
    }

    private T WithStore<T>(Func<SegmentPageStore, T> use)
    {
        _lives.EnterReadLock();
        try
        {
            return use(_store);
        }
        finally
        {
            _lives.ExitReadLock();
        }
    }

    private async Task ReadAsync(SameHostDoor door, Random random, CancellationToken cancellationToken)
    {
        using SameHostSession session = await Doors.SessionAsync(door);
        var known = new Dictionary<PageKey, (PageLocation Location, SegmentFile File)>();
        byte[] buffer = new byte[StorePage.Size];
        while (!cancellationToken.IsCancellationRequested && _problem is null)
        {
            var page = Key(random.Next(Files), 1 + (ulong)random.Next(2), (uint)random.Next((int)Pages));
            if (!known.TryGetValue(page, out (PageLocation Location, SegmentFile File) piece))
            {
                LocateMode mode = random.Next(2) == 0 ? LocateMode.Wait : LocateMode.Warm;
                PageLocation location = default;
                if (WithStore(s => s.TryLocate(page, random.Next(2 * Grid), Grid, mode, out location)) && await session.GetAsync(location.Segment) is { } file)
                {
                    known[page] = (location, file);
                }

                continue;
            }

            int from = random.Next(piece.Location.Length);
            int count = random.Next(1, Math.Min(piece.Location.Length - from, 5000) + 1);
            Judge(known, page, piece.Location, from, buffer.AsSpan(0, count), piece.File.Read(piece.Location, from, buffer.AsSpan(0, count), 0));
        }
    }

    private void Judge(Dictionary<PageKey, (PageLocation Location, SegmentFile File)> known, PageKey page, in PageLocation location, int from, Span<byte> bytes, SegmentRead read)
    {
        switch (read)
        {
            case SegmentRead.Right:
                Interlocked.Increment(ref _right);
                int offset = (int)(location.Offset % StorePage.Size) + from;
                if (!AreRight(page, offset, bytes))
                {
                    _problem ??= $"wrong bytes of {page} at {offset}, {bytes.Length}: {location}";
                }

                break;
            case SegmentRead.Changed:
                Interlocked.Increment(ref _changed);
                known.Remove(page);
                break;
            default:
                Interlocked.Increment(ref _notInMemory);
                known.Remove(page);
                break;
        }
    }

    private async Task ChangeAsync(Random random)
    {
        int number = random.Next(Files);
        PageKey page = Key(number, 1 + (ulong)(random.Next(40) == 0 ? 1 : 0), (uint)random.Next((int)Pages));
        switch (random.Next(40))
        {
            case 0:
                _store.Remove(page.File, FileVersion.None);
                break;
            case < 4:
                _store.RemovePage(page);
                break;
            default:
                _store.Put(page, random.Next(2) * Grid, Grid * random.Next(1, 5));
                break;
        }
    }

    private static void ThrowIf(bool fails)
    {
        const int IoError = 5;
        if (fails)
        {
            throw new IOException("input/output error", IoError);
        }
    }

    /// <summary>Another life on the same files.</summary>
    private async Task RestartAsync(PageStoreOptions options, FaultyPageDevice device)
    {
        (_writesFail, _readsFail) = (false, false);
        _lives.EnterWriteLock();
        try
        {
            // On this thread: the lock is its.
            _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _store = SegmentPageStore.Open(options, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, device);
        }
        finally
        {
            _lives.ExitWriteLock();
        }

        await _store.WhenRecovered.Within("recovery");
    }
}
