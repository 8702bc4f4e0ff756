using Dora.Cli.Output;

namespace Dora.Tests.Cli;

public sealed class SkippedViewTests
{
    [Fact]
    public void Note_NothingLeftOut_SaysNothing() => Assert.Empty(Note(json: false));

    [Fact]
    public void Note_ForPrograms_SaysNothing() => Assert.Empty(Note(json: true, new SkippedEntries(SkipReason.Fifo, 1, ["pipe"])));

    [Fact]
    public void Note_ForPeople_IsOneLineWithCountsAndFirstNames() => Assert.Equal(
        @"dora: '/m': 7 entries are left out: 4 names that are not UTF-8 ('\xFF', 'b', 'c', ...); 1 FIFO ('pipe'); 2 for a reason that this version does not know" + "\n",
        Note(
            json: false,
            new SkippedEntries(SkipReason.InvalidName, 4, [@"\xFF", "b", "c", "d"]),
            new SkippedEntries(SkipReason.Fifo, 1, ["pipe"]),
            new SkippedEntries(SkipReason.Unknown, 2, [])));

    [Fact]
    public void Note_EveryReason_HasWords()
    {
        foreach (SkipReason reason in Enum.GetValues<SkipReason>().Where(static r => r != SkipReason.Unknown))
        {
            string one = Note(json: false, new SkippedEntries(reason, 1, ["name"]));

            Assert.StartsWith("dora: '/m': 1 entry is left out: 1 ", one, StringComparison.Ordinal);
            Assert.DoesNotContain("does not know", one, StringComparison.Ordinal);
        }
    }

    private static string Note(bool json, params SkippedEntries[] skipped)
    {
        using var error = new StringWriter();
        SkippedView.Note(new Terminal(TextWriter.Null, error, json), "/m", skipped);
        return error.ToString();
    }
}
