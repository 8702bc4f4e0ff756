using System.Globalization;

namespace Dora.Silo.Hosting;

/// <summary>Sizes on the command line: a number of bytes, or with a binary unit, for example <c>64M</c> or <c>10GiB</c>.</summary>
internal static class ByteSize
{
    private const string Units = "KMGT";

    public static bool TryParse(string text, out long bytes)
    {
        string number = text.TrimEnd('B', 'b').TrimEnd('i', 'I');
        int unit = number.Length == 0 ? -1 : Units.IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal);
        bool parsed = long.TryParse(unit < 0 ? number : number[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out bytes);
        int shift = 10 * (unit + 1);
        if (!parsed || bytes > long.MaxValue >> shift)
        {
            return false;
        }

        bytes <<= shift;
        return true;
    }
}
