using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using PageIndex = Dora.Storage.Pages.Index.PageIndex;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>
/// The promise of 64 bytes per page, less the 6 of the segments' lists, at a tenth of its ten million pages, where half-empty chunks weigh more;
/// <c>./dora bench pages</c> measures them all.
/// </summary>
public sealed class IndexMemoryTests
{
    private const int Pages = 1_000_000;

    [Theory]
    [InlineData(1, 60)]
    [InlineData(4, 34)]
    [InlineData(100, 30)]
    public void Index_BytesPerPage_StayInTheBudget(int pagesPerFile, double limit)
    {
        var index = new PageIndex(new Silent(), null);
        List<DroppedRecord> dropped = [];
        for (int i = 0; i < Pages; i++)
        {
            var page = new PageKey(new FileId((ulong)(i / pagesPerFile) * 0xD6E8FEB86659FD93, 5), new FileVersion(1), (uint)(i % pagesPerFile));
            var record = new IndexedRecord(new RecordPlace((ushort)(i >> 10), (uint)(i & 1023) << 8), 0, IndexPage.Bytes, 1, false, 1, 0);
            Assert.Equal(IndexAddOutcome.Added, index.Add(page, record, 0, 1, recovered: false, dropped));
        }

        Assert.Equal(Pages, index.PageCount);
        Assert.InRange((double)index.MemoryBytes / Pages, 24, limit);
    }

    private sealed class Silent : IIndexObserver
    {
        public void Pin(RecordPlace place)
        {
        }

        public void Unpin(RecordPlace place)
        {
        }

        public bool OnAdded(RecordId id, in PageKey page, in IndexedRecord record) => true;
    }
}
