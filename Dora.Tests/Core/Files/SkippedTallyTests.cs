using Dora.Tests.Doubles;

namespace Dora.Tests.Core.Files;

public sealed class SkippedTallyTests
{
    [Fact]
    public void Reasons_Always_HaveTheirFrozenNumbers() => FrozenEnum.Check<SkipReason>(
        "listing replies",
        ("Unknown", 0), ("InvalidName", 1), ("BrokenLink", 2), ("OutsideLink", 3), ("Fifo", 4), ("Socket", 5), ("Device", 6), ("PseudoFile", 7), ("Denied", 8), ("Failed", 9),
        ("PathTooLong", 10), ("Unfinished", 11), ("AlreadyVisited", 12), ("LinkNotFollowed", 13), ("TooDeep", 14));

    [Fact]
    public void Add_FromSeveralPages_CountsAllAndKeepsTheFirstNames()
    {
        var tally = new SkippedTally();
        string[] names = [.. Enumerable.Range(0, 8).Select(static i => $"n{i}")];
        tally.Add([new SkippedEntries(SkipReason.Socket, 8, names), new SkippedEntries(SkipReason.Unknown, 3, [])]);
        tally.Add(SkipReason.Fifo, "f");
        tally.Add([new SkippedEntries(SkipReason.Socket, 80, ["a", "b", "c"])]);

        Assert.Equal(92, tally.Count);
        Assert.Equal(
            [new(SkipReason.Unknown, 3, []), new(SkipReason.Fifo, 1, ["f"]), new(SkipReason.Socket, 88, [.. names, "a", "b"])],
            tally.ToArray());
    }
}
