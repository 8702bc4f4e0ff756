using System.Globalization;

namespace Dora;

/// <summary>Times as people type them: a whole number and a unit, <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>, for example <c>10m</c> or <c>7d</c>.</summary>
public static class Duration
{
    /// <summary>The longest: 36,500 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    private static readonly (string Name, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">More than zero and at most <see cref="Longest"/>, when the result is <see langword="true"/>.</param>
    /// <returns>Whether the text is such a time.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        text = (text ?? string.Empty).Trim();
        string name = text.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        TimeSpan unit = Units.FirstOrDefault(u => u.Name == name).Unit;
        bool isRight = long.TryParse(text[..^name.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            && unit > TimeSpan.Zero
            && count > 0
            && count <= Longest.Ticks / unit.Ticks;
        duration = isRight ? unit * count : TimeSpan.Zero;
        return isRight;
    }

    /// <summary>The text that <see cref="TryParse"/> reads, in the greatest unit that gives a whole number; parts of a millisecond are cut.</summary>
    public static string Format(TimeSpan duration)
    {
        (string name, TimeSpan unit) = Units.Last(u => u.Unit.Ticks == TimeSpan.TicksPerMillisecond || duration.Ticks % u.Unit.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / unit.Ticks}{name}");
    }
}
