using System.Text.RegularExpressions;

namespace Dora.Tests.Architecture;

/// <summary>Log events are a vocabulary: an id names one event for ever.</summary>
public sealed partial class LogEventTests
{
    [Fact]
    public void EventIds_AreUniqueInTheProduct()
    {
        IEnumerable<(string Id, string Where)> events = Repository.Files(".", "*.cs")
            .Where(static f => f.Contains("Dora.", StringComparison.Ordinal) && !f.Contains("Dora.Tests", StringComparison.Ordinal))
            .SelectMany(static f => EventId().Matches(Repository.Read(f)).Select(m => (m.Groups[1].Value, f)));
        string[] twice = [.. events.GroupBy(static e => e.Id).Where(static g => g.Count() > 1).Select(static g => $"{g.Key}: {string.Join(", ", g.Select(static e => e.Where))}")];

        Assert.True(twice.Length == 0, $"event ids used twice, take the next free number of the area:\n{string.Join('\n', twice)}");
    }

    [GeneratedRegex(@"\[LoggerMessage\((?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex EventId();
}
