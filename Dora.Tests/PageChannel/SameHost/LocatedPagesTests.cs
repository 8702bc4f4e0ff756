using Dora.PageChannel.SameHost;

namespace Dora.Tests.PageChannel.SameHost;

public sealed class LocatedPagesTests
{
    private static readonly PageKey Used = new(new FileId(1, 1), new FileVersion(1), 0);

    [Fact]
    public void Add_MorePagesThanAreKept_TheUsedOneStays()
    {
        var pages = new LocatedPages();
        LocatedPiece used = Piece(0, PageGeometry.ExtentGrid);
        pages.Add(Used, used);
        for (uint i = 0; i < 2 * LocatedPages.Max; i++)
        {
            pages.Add(new PageKey(new FileId(2, 2), new FileVersion(1), i), used);
            if (i % 64 == 0)
            {
                Assert.Same(used, pages.Find(Used, 100));
            }
        }
    }

    [Fact]
    public void Pieces_AreFoundReplacedAndForgotten()
    {
        var pages = new LocatedPages();
        LocatedPiece first = Piece(0, PageGeometry.ExtentGrid), second = Piece(PageGeometry.ExtentGrid, PageGeometry.ExtentGrid);
        LocatedPiece both = Piece(0, 2 * PageGeometry.ExtentGrid);
        pages.Add(Used, first);
        pages.Add(Used, second);
        Assert.Equal([first, second, null], [pages.Find(Used, 5), pages.Find(Used, PageGeometry.ExtentGrid), pages.Find(Used, 2 * PageGeometry.ExtentGrid)]);

        pages.Add(Used, both);
        Assert.Same(both, pages.Find(Used, 5));
        Assert.Same(both, pages.Find(Used, PageGeometry.ExtentGrid));

        pages.Forget(Used, both);
        Assert.Null(pages.Find(Used, 5));
    }

    private static LocatedPiece Piece(long offset, int length) => new(new PageLocation(1, 1, 0, 0, length, offset), null!, 0);
}
