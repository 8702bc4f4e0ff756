using System.Globalization;

namespace Dora;

/// <summary>Sizes as people type them: a whole number of bytes, or with a binary unit, for example <c>64m</c>, <c>10GiB</c> or <c>1 tb</c> (all powers of 1024).</summary>
public static class ByteSize
{
    private const string Units = "KMGT";
    private static readonly string[] Names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>A size for a message: <c>100 bytes</c>, <c>64 KiB</c>, <c>97.7 KiB</c>.</summary>
    internal static string Text(long bytes)
    {
        int unit = -1;
        double number = bytes;
        while (number >= 1024 && unit < Units.Length - 1)
        {
            (number, unit) = (number / 1024, unit + 1);
        }

        return unit < 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} byte{(bytes == 1 ? string.Empty : "s")}")
            : string.Create(CultureInfo.InvariantCulture, $"{number:0.#} {Units[unit]}iB");
    }

    /// <summary>Reads a size.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">The size in bytes, 0 or more, when the result is <see langword="true"/>.</param>
    /// <returns>Whether the text is a size that fits in 63 bits.</returns>
    public static bool TryParse(string? text, out long bytes)
    {
        string number = (text ?? string.Empty).Trim().TrimEnd('B', 'b').TrimEnd('i', 'I');
        int unit = number.Length == 0 ? -1 : Units.IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal);
        bool parsed = long.TryParse((unit < 0 ? number : number[..^1]).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out bytes);
        int shift = 10 * (unit + 1);
        if (!parsed || bytes > long.MaxValue >> shift)
        {
            bytes = 0;
            return false;
        }

        bytes <<= shift;
        return true;
    }

    /// <summary>A size for people, for example <c>1.5 MiB</c>.</summary>
    internal static string Format(double bytes)
    {
        int unit = 0;
        while (bytes >= 1024 && unit < Names.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Names[unit]}");
    }
}
