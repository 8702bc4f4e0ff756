using System.Collections.Concurrent;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using PageIndex = Dora.Storage.Pages.Index.PageIndex;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>Lookups without a lock beside threads that add, remove and move: what is found is the page's, and stays while it is pinned.</summary>
public sealed class PageIndexRaceTests
{
    private const int Places = 4096;
    private const int Files = 24;

    [Fact]
    public async Task ReadersAndWriters_WhatIsPinned_IsThePagesAndStays()
    {
        var run = new Run();
        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 3).Select(i => Task.Run(() => run.Read(new Random(i), stop.Token)))];
        Task[] writers = [.. Enumerable.Range(0, 2).Select(i => Task.Run(() => run.Write(new Random(100 + i), 60_000)))];
        await Task.WhenAll(writers);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        run.CheckEnd();
    }

    [Fact]
    public void TryFind_RecordLeavesBeforeItsPin_IsNotFound()
    {
        var observer = new Interposer();
        var index = new PageIndex(observer, null);
        PageKey key = KeyOf(1, 0);
        var record = new IndexedRecord(new RecordPlace(1, 2), 0, 65536, 0, false, 0, 0);
        index.Add(key, record, 0, 1, recovered: false, []);
        observer.OnPin = () => index.RemovePage(key, []);
        Assert.False(index.TryFind(key, 0, out _, out _));
        Assert.Equal((1, 1), (observer.Pins, observer.Unpins));

        // Replaced instead: the new one is found.
        index.Add(key, record, 0, 1, recovered: false, []);
        RecordPlace later = record.Place with { Step = 9 };
        observer.OnPin = () =>
        {
            index.RemovePage(key, []);
            index.Add(key, record with { Place = later }, 0, 1, recovered: false, []);
        };
        Assert.True(index.TryFind(key, 0, out _, out IndexedRecord found));
        Assert.Equal(later, found.Place);
        Assert.Equal((3, 2), (observer.Pins, observer.Unpins));
    }

    private static PageKey KeyOf(int file, uint page) => TestPages.Key(file, 1 + (ulong)(file % 2), page);

    /// <summary>Lets something happen between the look at a record and its pin, once.</summary>
    private sealed class Interposer : IIndexObserver
    {
        public Action? OnPin { get; set; }

        public int Pins { get; private set; }

        public int Unpins { get; private set; }

        public void Pin(RecordPlace place)
        {
            Pins++;
            Action? once = OnPin;
            OnPin = null;
            once?.Invoke();
        }

        public void Unpin(RecordPlace place) => Unpins++;

        public bool OnAdded(RecordId id, in PageKey page, in IndexedRecord record) => true;
    }

    private sealed class Run : IIndexObserver
    {
        private readonly int[] _pins = new int[Places];

        // What the bytes at a place are: a number made from the key, 0 when they may be overwritten.
        private readonly int[] _content = new int[Places];
        private readonly ConcurrentQueue<int> _free = new(Enumerable.Range(0, Places));
        private readonly ConcurrentDictionary<RecordPlace, RecordId> _ids = new();
        private long _found;

        private readonly PageIndex _index;

        public Run() => _index = new PageIndex(this, null);

        public void Pin(RecordPlace place) => Interlocked.Increment(ref _pins[place.Step]);

        public void Unpin(RecordPlace place) => Interlocked.Decrement(ref _pins[place.Step]);

        public bool OnAdded(RecordId id, in PageKey page, in IndexedRecord record)
        {
            _ids[record.Place] = id;
            return true;
        }

        public void Read(Random random, CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                PageKey key = RandomKey(random);
                int offset = random.Next(IndexPage.Bytes);
                if (_index.TryFind(key, offset, out RecordId id, out IndexedRecord record))
                {
                    Assert.InRange(offset, record.Offset, record.End - 1);
                    for (int look = 0; look < 3; look++)
                    {
                        Assert.Equal(ContentOf(key), Volatile.Read(ref _content[record.Place.Step]));
                    }

                    _index.SetVerified(id, record.Place, 1);
                    _index.State(id)++;
                    Unpin(record.Place);
                    Interlocked.Increment(ref _found);
                }

                Assert.InRange(_index.Covered(key, offset, 4096), 0, 4096);
            }
        }

        public void Write(Random random, int steps)
        {
            List<DroppedRecord> dropped = [];
            for (int step = 0; step < steps; step++)
            {
                dropped.Clear();
                PageKey key = RandomKey(random);
                switch (random.Next(10))
                {
                    case < 6 when _free.TryDequeue(out int block):
                        Add(random, key, block, dropped);
                        break;
                    case 6:
                        _index.RemovePage(key, dropped);
                        break;
                    case 7 when random.Next(20) == 0:
                        _index.RemoveFile(key.File, FileVersion.None, dropped);
                        break;
                    default:
                        RemoveOne(random, dropped);
                        break;
                }

                dropped.ForEach(d => GiveBack(d.Record.Place));
            }
        }

        public void CheckEnd()
        {
            Assert.All(_pins, static p => Assert.Equal(0, p));
            Assert.True(Interlocked.Read(ref _found) > 1000, $"only {_found} records were found");
            List<DroppedRecord> dropped = [];
            for (int file = 0; file < Files; file++)
            {
                _index.RemoveFile(KeyOf(file, 0).File, FileVersion.None, dropped);
            }

            Assert.Equal(Places, _free.Count + dropped.Count);
            Assert.Equal(dropped.Count, dropped.Select(static d => d.Record.Place).Distinct().Count());
            Assert.Equal(0, _index.PageCount);
        }

        private void Add(Random random, PageKey key, int block, List<DroppedRecord> dropped)
        {
            IndexedRecord record = IndexModel.Record(random, new RecordPlace(0, (uint)block));
            Volatile.Write(ref _content[block], ContentOf(key));
            if (_index.Add(key, record, 0, 1, recovered: false, dropped) != IndexAddOutcome.Added)
            {
                GiveBack(record.Place);
            }
        }

        private void RemoveOne(Random random, List<DroppedRecord> dropped)
        {
            var place = new RecordPlace(0, (uint)random.Next(Places));
            if (_ids.TryGetValue(place, out RecordId id) && _index.TryRemove(id, place, out DroppedRecord one))
            {
                dropped.Add(one);
            }
        }

        private void GiveBack(RecordPlace place)
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref _pins[place.Step]) == 0);
            Volatile.Write(ref _content[place.Step], 0);
            _free.Enqueue((int)place.Step);
        }

        private static PageKey RandomKey(Random random)
        {
            int file = random.Next(Files);
            return KeyOf(file, (uint)random.Next(file % 3 == 0 ? 60 : 2));
        }

        private static int ContentOf(PageKey key) => HashCode.Combine(key.File, key.Version, key.Index) | 1;
    }
}
