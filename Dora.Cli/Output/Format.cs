using System.Globalization;
using Spectre.Console;

namespace Dora.Cli.Output;

/// <summary>Numbers and names for people.</summary>
internal static class Format
{
    /// <summary>For example <c>1.5 MiB</c>.</summary>
    public static string Bytes(double bytes) => ByteSize.Format(bytes);

    /// <summary>For example <c>12,345</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>For example <c>1 file</c>, <c>12,345 files</c>.</summary>
    public static string Count(long count, string one) => $"{Count(count)} {one}{(count == 1 ? string.Empty : "s")}";

    /// <summary>A name for a table's cell.</summary>
    public static string Cell(string name) => Markup.Escape(Printable.Name(name));

    /// <summary>A text with names in it for a table's cell.</summary>
    public static string TextCell(string text) => Markup.Escape(Printable.Line(text));

    /// <summary>What programs get of a time: <see langword="null"/> when nobody knows it.</summary>
    public static DateTimeOffset? Known(DateTimeOffset time) => time == default ? null : time;

    /// <summary>Local time to the second; a dash for a time that nobody knows.</summary>
    public static string Time(DateTimeOffset time) => time == default ? "-" : time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>For example <c>1h 02m</c>, <c>03m 20s</c>, <c>4.2 s</c>.</summary>
    public static string Duration(TimeSpan duration) => duration.TotalMinutes switch
    {
        >= 60 => string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}h {duration.Minutes:00}m"),
        >= 1 => string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes:00}m {duration.Seconds:00}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s"),
    };
}
