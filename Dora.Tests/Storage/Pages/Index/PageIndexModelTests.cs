using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using PageIndex = Dora.Storage.Pages.Index.PageIndex;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>Random operations against plain dictionaries.</summary>
public sealed class PageIndexModelTests
{
    /// <summary>Few files with many pages, many files with few, and both with much removal.</summary>
    [Theory]
    [InlineData(1, 3, 40, 4)]
    [InlineData(2, 300, 2, 4)]
    [InlineData(3, 20, 12, 12)]
    [InlineData(4, 1, 400, 8)]
    [InlineData(5, 2000, 1, 6)]
    public void AnySequence_AgreesWithTheModel(int seed, int files, int pages, int removals)
    {
        var run = new Run(seed, files, pages);
        for (int step = 0; step < 6000; step++)
        {
            run.Step(removals);
        }

        run.CheckAll();
    }

    private sealed class Run(int seed, int files, int pages)
    {
        private readonly Random _random = new(seed);
        private readonly IndexModel _model = new();
        private readonly IndexObserverDouble _observer = new();
        private readonly Dictionary<RecordPlace, RecordId> _ids = [];
        private uint _nextBlock;
        private PageIndex? _index;

        private PageIndex Index => _index ??= new PageIndex(_observer, null);

        public void Step(int removals)
        {
            PageKey page = TestPages.Key(_random.Next(files), (ulong)_random.Next(1, 3), (uint)_random.Next(pages));
            if (_random.Next(12) > 0 && _model.Files.TryGetValue(page.File, out IndexModel.ModelFile? file))
            {
                page = page with { Version = file.Version };
            }

            switch (_random.Next(20))
            {
                case < 10:
                    Add(page);
                    break;
                case < 14:
                    Look(page);
                    break;
                case var n when n < 14 + (removals / 2):
                    Remove(page);
                    break;
                default:
                    Change();
                    break;
            }

            Assert.Equal(_model.PageCount, Index.PageCount);
        }

        public void CheckAll()
        {
            foreach ((PageKey page, IndexedRecord record) in _model.All)
            {
                Assert.Equal(record.Length, Index.Covered(page, record.Offset, record.Length));
                Assert.True(Index.TryGet(_ids[record.Place], record.Place, out PageKey itsPage, out IndexedRecord found));
                Assert.Equal((page, record), (itsPage, found with { Verified = 0 }));
            }

            Assert.Equal(0, _observer.Pins);
            foreach (FileId id in _model.Files.Keys.ToList())
            {
                Dropped(_model.Remove(id, static (_, _) => true), dropped => Index.RemoveFile(id, FileVersion.None, dropped));
            }

            Assert.Equal(0, Index.PageCount);
        }

        private void Add(PageKey page)
        {
            IndexedRecord record = IndexModel.Record(_random, new RecordPlace((ushort)_random.Next(3), _nextBlock++));
            List<RecordPlace>? left = _model.Add(page, record);
            List<DroppedRecord> dropped = [];
            IndexAddOutcome outcome = Index.Add(page, record, 7, 1, recovered: false, dropped);
            Assert.Equal(left is null ? IndexAddOutcome.AlreadyThere : IndexAddOutcome.Added, outcome);
            Same(left ?? [], dropped);
            if (left is not null)
            {
                RecordId id = _observer.IdOf(record.Place);
                _ids[record.Place] = id;
                Assert.Equal(7, Index.State(id));
            }
        }

        private void Look(PageKey page)
        {
            int offset = _random.Next(IndexPage.Bytes);
            int length = _random.Next(1, IndexPage.Bytes + 1 - offset);
            Assert.Equal(_model.Covered(page, offset, length), Index.Covered(page, offset, length));
            IndexedRecord? expected = _model.Find(page, offset);
            Assert.Equal(expected is not null, Index.TryFind(page, offset, out RecordId id, out IndexedRecord found));
            if (expected is { } record)
            {
                Assert.Equal(record.End, found.End);
                Assert.Equal(1, _observer.PinsOf[found.Place]);
                Index.SetVerified(id, found.Place, 0x8001);
                Index.SetVerified(id, new RecordPlace(9, 9), 0xFFFF);
                Assert.True(Index.TryGet(id, found.Place, out PageKey itsPage, out IndexedRecord again));
                Assert.Equal((page, found with { Verified = (ushort)(found.Verified | 0x8001) }), (itsPage, again));
                _observer.Unpin(found.Place);
            }
        }

        private void Remove(PageKey page)
        {
            switch (_random.Next(4))
            {
                case 0:
                    Dropped(
                        _model.Files.TryGetValue(page.File, out IndexModel.ModelFile? file) && file.Version == page.Version
                            ? _model.Remove(page.File, (p, _) => p == page.Index)
                            : [],
                        dropped => Index.RemovePage(page, dropped));
                    break;
                case 1 when _random.Next(4) == 0:
                    var keep = new FileVersion((ulong)_random.Next(3));
                    Dropped(
                        _model.Files.TryGetValue(page.File, out file) && (keep.IsNone || file.Version != keep)
                            ? _model.Remove(page.File, static (_, _) => true)
                            : [],
                        dropped => Index.RemoveFile(page.File, keep, dropped));
                    break;
                default:
                    RemoveOne();
                    break;
            }
        }

        private void RemoveOne()
        {
            if (_model.Files.Count == 0)
            {
                return;
            }

            (FileId id, IndexModel.ModelFile file) = _model.Files.ElementAt(_random.Next(_model.Files.Count));
            (uint page, IndexedRecord record) = file.Records[_random.Next(file.Records.Count)];
            bool last = file.Records.Count(r => r.Page == page) == 1;
            Assert.False(Index.TryRemove(_ids[record.Place], new RecordPlace(record.Place.Slot, record.Place.Step + 1), out _));
            Assert.True(Index.TryRemove(_ids[record.Place], record.Place, out DroppedRecord dropped));
            Assert.Equal((page, record.Place, last), (dropped.Page.Index, dropped.Record.Place, dropped.LastOfPage));
            Assert.False(Index.TryRemove(_ids[record.Place], record.Place, out _));
            _model.Remove(id, (_, r) => r.Place == record.Place);
        }

        private void Change()
        {
            if (_model.Files.Count == 0)
            {
                return;
            }

            (FileId id, IndexModel.ModelFile file) = _model.Files.ElementAt(_random.Next(_model.Files.Count));
            if (_random.Next(2) == 0)
            {
                bool pinned = _random.Next(2) == 0;
                long expected = pinned == file.Pinned ? 0 : file.Records.Sum(static r => (long)r.Record.Length);
                Assert.Equal(expected, Index.SetPinned(id, pinned));
                file.Pinned = pinned;
                return;
            }

            int which = _random.Next(file.Records.Count);
            (uint page, IndexedRecord record) = file.Records[which];
            var to = new RecordPlace(5, _nextBlock++);
            Assert.True(Index.TryMove(_ids[record.Place], record.Place, to, 9));
            Assert.False(Index.TryMove(_ids[record.Place], record.Place, to, 9));
            _ids[to] = _ids[record.Place];
            file.Records[which] = (page, record with { Place = to });
        }

        private static void Dropped(List<RecordPlace> expected, Action<List<DroppedRecord>> remove)
        {
            List<DroppedRecord> dropped = [];
            remove(dropped);
            Same(expected, dropped);
        }

        private static void Same(List<RecordPlace> expected, List<DroppedRecord> dropped) => Assert.Equal(
            expected.OrderBy(static p => p.Step), dropped.Select(static d => d.Record.Place).OrderBy(static p => p.Step));
    }
}
