using System.Globalization;

namespace Dora.Cli.Output;

/// <summary>Numbers for people.</summary>
internal static class Format
{
    /// <summary>For example <c>1.5 MiB</c>.</summary>
    public static string Bytes(double bytes) => ByteSize.Format(bytes);

    /// <summary>For example <c>12,345</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Local time to the second; a dash for a time that the store does not give.</summary>
    public static string Time(DateTimeOffset time) => time == DateTimeOffset.UnixEpoch ? "-" : time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>For example <c>1h 02m</c>, <c>03m 20s</c>, <c>4.2 s</c>.</summary>
    public static string Duration(TimeSpan duration) => duration.TotalMinutes switch
    {
        >= 60 => string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}h {duration.Minutes:00}m"),
        >= 1 => string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes:00}m {duration.Seconds:00}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s"),
    };
}
