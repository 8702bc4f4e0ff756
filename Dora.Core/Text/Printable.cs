using System.Buffers;
using System.Globalization;
using System.Text;

namespace Dora;

/// <summary>
/// Text for a terminal or a log, where a control character of somebody's file name must not act: it clears the screen, forges a line, hides what follows. Such characters are quoted as
/// <c>ls</c> of coreutils does, so that a shell reads the name back: <c>'a'$'\n''b'</c>. Programs get names as they are, in JSON.
/// </summary>
internal static class Printable
{
    /// <summary>A name, in quotes when something in it is quoted, or when it begins as a quoted one does.</summary>
    public static string Name(string name) =>
        name is not ['\'', ..] && Length(name, isGood: true) == name.Length ? name : $"'{Line(name.Replace("'", @"'\''", StringComparison.Ordinal))}'";

    /// <summary>One line with names in it, which stand in single quotes as in all of Dora's messages.</summary>
    public static string Line(string text)
    {
        if (Length(text, isGood: true) == text.Length)
        {
            return text;
        }

        var line = new StringBuilder(text.Length + 16);
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            int good = Length(rest, isGood: true);
            line.Append(rest[..good]);
            rest = rest[good..];
            int bad = Length(rest, isGood: false);
            if (bad > 0)
            {
                line.Append("'$'");
                Escape(rest[..bad], line);
                line.Append("''");
                rest = rest[bad..];
            }
        }

        return line.ToString();
    }

    /// <summary>How many characters at the start are printable, or are not.</summary>
    private static int Length(ReadOnlySpan<char> text, bool isGood)
    {
        int length = 0;
        while (length < text.Length)
        {
            OperationStatus status = Rune.DecodeFromUtf16(text[length..], out Rune rune, out int count);
            if ((status == OperationStatus.Done && IsPrintable(rune)) != isGood)
            {
                break;
            }

            length += count;
        }

        return length;
    }

    /// <summary>Not the characters that turn the direction of what follows, or are no characters: they hide as well as a control character does.</summary>
    private static bool IsPrintable(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        && rune.Value is not (0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF);

    private static void Escape(ReadOnlySpan<char> text, StringBuilder line)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in text.EnumerateRunes())
        {
            foreach (byte value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                line.Append(value switch
                {
                    (byte)'\a' => @"\a",
                    (byte)'\b' => @"\b",
                    (byte)'\t' => @"\t",
                    (byte)'\n' => @"\n",
                    (byte)'\v' => @"\v",
                    (byte)'\f' => @"\f",
                    (byte)'\r' => @"\r",
                    _ => @"\" + Convert.ToString(value, 8).PadLeft(3, '0'),
                });
            }
        }
    }
}
