using System.Globalization;

namespace Dora.Cli.Local;

/// <summary>Sizes on the command line: a whole number with an optional unit (k, m, g, t; KiB and so on; all powers of 1024).</summary>
internal static class ByteSize
{
    /// <summary>Reads a size.</summary>
    /// <exception cref="DoraException">InvalidArgument.</exception>
    public static long Parse(string text, string option)
    {
        string digits = new([.. text.TakeWhile(char.IsAsciiDigit)]);
        int power = text[digits.Length..].Trim().ToLowerInvariant() switch
        {
            "" or "b" => 0,
            "k" or "kb" or "kib" => 1,
            "m" or "mb" or "mib" => 2,
            "g" or "gb" or "gib" => 3,
            "t" or "tb" or "tib" => 4,
            _ => -1,
        };
        return power >= 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= long.MaxValue >> (10 * power)
            ? number << (10 * power)
            : throw new DoraException(DoraErrorCode.InvalidArgument, $"{option} '{text}' is no size: give for example 512m or 20g");
    }
}
