using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.Core.Files;

public sealed class ByteRangeTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    private static readonly Gen<long> Numbers =
        Gen.OneOf(Gen.Choose(0, 300).Select(static i => (long)i), Gen.Choose(0, 300).Select(static i => long.MaxValue - i), Gen.Choose(0, 40).Select(static i => 1L << i));

    private static readonly Arbitrary<(ByteRange A, ByteRange B)> Pairs =
        Gen.Four(Numbers).Select(static n => (Range(n.Item1, n.Item2), Range(n.Item3, n.Item4))).ToArbitrary();

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MaxValue, 1)]
    public void Range_OutOfSixtyThreeBits_IsRefused(long offset, long length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ByteRange(offset, length));

    [Fact]
    public void Intersect_OfAnyTwo_HasTheBytesOfBoth() => Check.One(Runs, Prop.ForAll(Pairs, static p =>
    {
        ByteRange both = p.A.Intersect(p.B);
        bool overlap = Math.Max(p.A.Offset, p.B.Offset) < Math.Min(p.A.End, p.B.End);
        return both.IsEmpty != overlap
            && both.Length == p.B.Intersect(p.A).Length
            && (both.IsEmpty || (both.Offset == Math.Max(p.A.Offset, p.B.Offset) && both.End == Math.Min(p.A.End, p.B.End)));
    }));

    [Fact]
    public void AlignTo_AnyGrid_IsTheSmallestCover() => Check.One(Runs, Prop.ForAll(
        Gen.Zip(Gen.Choose(0, 1_000_000), Gen.Zip(Gen.Choose(0, 1_000_000), Gen.Choose(0, 22))).ToArbitrary(), static n =>
        {
            (ByteRange range, long grid) = (new ByteRange(n.Item1, n.Item2.Item1), 1L << n.Item2.Item2);
            ByteRange cover = range.AlignTo(grid);
            return cover.Offset % grid == 0
                && cover.Length % grid == 0
                && cover.Offset <= range.Offset
                && cover.Offset > range.Offset - grid
                && (range.IsEmpty ? cover.IsEmpty : cover.End >= range.End && cover.End < range.End + grid);
        }));

    [Theory]
    [InlineData(0)]
    [InlineData(-4)]
    [InlineData(3)]
    [InlineData(long.MinValue)]
    public void AlignTo_NoPowerOfTwo_IsRefused(long grid) => Assert.Throws<ArgumentOutOfRangeException>(() => new ByteRange(0, 1).AlignTo(grid));

    [Theory]
    [InlineData(0, 10, 4, "[0,4)")]
    [InlineData(2, 10, 4, "[2,4)")]
    [InlineData(4, 10, 4, "[4,4)")]
    [InlineData(9, 10, 4, "[9,9)")]
    [InlineData(0, 10, 0, "[0,0)")]
    public void Within_AFile_EndsWithTheFile(long offset, long length, long fileLength, string range) =>
        Assert.Equal(range, new ByteRange(offset, length).Within(fileLength).ToString());

    private static ByteRange Range(long offset, long length) => new(offset, Math.Min(length, long.MaxValue - offset));
}
