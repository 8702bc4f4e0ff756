using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>Names of a directory that no path can have, in a form that people can find them by.</summary>
internal static class InvalidNames
{
    /// <summary>The first of them that the kernel gives.</summary>
    public static IReadOnlyList<string> First(SafeFileHandle directory)
    {
        List<string> names = [];
        _ = LinuxFile.EachName(directory, name =>
        {
            if (!UfsPath.IsSegment(Encoding.UTF8.GetString(name)) && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                names.Add(Escape(name));
            }

            return names.Count < SkippedEntries.MaxNames;
        });
        return names;
    }

    /// <summary>Bytes that are not UTF-8 become <c>\xFF</c>, backslashes <c>\\</c>.</summary>
    public static string Escape(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(name, out Rune rune, out int length);
            if (status != OperationStatus.Done)
            {
                foreach (byte wrong in name[..length])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{wrong:X2}");
                }
            }
            else
            {
                text.Append(rune.Value == '\\' ? "\\\\" : rune.ToString());
            }

            name = name[length..];
        }

        return text.ToString();
    }
}
