namespace Dora.Tests.Core.Mounts;

public sealed class FetchGeometryTests
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
    public void Size_PowerOfTwoInRange_IsAllowed(int size, bool isValid)
    {
        Assert.Equal(isValid, FetchGeometry.IsValid(size));
        if (!isValid)
        {
            Assert.Equal(DoraErrorCode.InvalidArgument, Assert.Throws<DoraException>(() => new FetchGeometry(size)).Code);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(65_535, 0)]
    [InlineData(65_536, 1)]
    [InlineData(uint.MaxValue * 65_536L + 65_535, uint.MaxValue)]
    public void IndexOf_AnOffset_IsThePartThatHoldsIt(long offset, uint index) => Assert.Equal(index, new FetchGeometry(65_536).IndexOf(offset));

    [Fact]
    public void Parts_OfAFile_CoverItOnceAndInOrder()
    {
        var geometry = new FetchGeometry(PageGeometry.ExtentGrid);
        foreach (long length in (long[])[0, 1, 65_535, 65_536, 65_537, 300_000])
        {
            long end = 0;
            for (uint part = 0; part < 6; part++)
            {
                ByteRange range = geometry.RangeOf(part, length);
                Assert.True(range.IsEmpty || range.Offset == end);
                end += range.Length;
            }

            Assert.Equal(length, end);
        }
    }
}
