namespace Dora.Tests.Core.Pages;

public sealed class PageGeometryTests
{
    [Theory]
    [InlineData(64 * 1024, true)]
    [InlineData(1024 * 1024, true)]
    [InlineData(16 * 1024 * 1024, true)]
    [InlineData(32 * 1024, false)]
    [InlineData(32 * 1024 * 1024, false)]
    [InlineData(1024 * 1024 + 1, false)]
    [InlineData(3 * 1024 * 1024, false)]
    [InlineData(0, false)]
    [InlineData(int.MinValue, false)]
    public void PageSize_PowerOfTwoInRange_IsAllowed(int size, bool isValid)
    {
        Assert.Equal(isValid, PageGeometry.IsValid(size));
        if (!isValid)
        {
            Assert.Equal(DoraErrorCode.InvalidArgument, Assert.Throws<DoraException>(() => new PageGeometry(size)).Code);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(65_535, 0)]
    [InlineData(65_536, 1)]
    [InlineData(uint.MaxValue * 65_536L + 65_535, uint.MaxValue)]
    public void PageIndex_OfAnOffset_IsThePageThatHoldsIt(long offset, uint index) => Assert.Equal(index, new PageGeometry(65_536).PageIndex(offset));

    [Fact]
    public void Pages_OfAFile_CoverItOnceAndInOrder()
    {
        var geometry = new PageGeometry(PageGeometry.ExtentGrid);
        foreach (long length in (long[])[0, 1, 65_535, 65_536, 65_537, 300_000])
        {
            long end = 0;
            for (uint page = 0; page < 6; page++)
            {
                ByteRange range = geometry.PageRange(page, length);
                Assert.True(range.IsEmpty || range.Offset == end);
                end += range.Length;
            }

            Assert.Equal(length, end);
        }
    }
}
