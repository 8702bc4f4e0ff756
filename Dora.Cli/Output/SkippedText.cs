using System.Globalization;
using System.Text;

namespace Dora.Cli.Output;

/// <summary>What was left out, for people.</summary>
internal static class SkippedText
{
    private const int Shown = 3;

    /// <summary>For example <c>left out: 2 links that lead nowhere: /data/a, /data/b</c>.</summary>
    public static string Line(SkippedEntries skipped)
    {
        string names = string.Join(", ", skipped.Names.Take(Shown).Select(Quote));
        string more = skipped.Count > Math.Min(Shown, skipped.Names.Count) && names.Length > 0 ? ", ..." : string.Empty;
        return $"left out: {Format.Count(skipped.Count)} {Words(skipped.Reason, skipped.Count == 1)}{(names.Length > 0 ? ": " : string.Empty)}{names}{more}";
    }

    private static string Words(SkipReason reason, bool isOne) => reason switch
    {
        SkipReason.InvalidName => isOne ? "name that is not UTF-8" : "names that are not UTF-8",
        SkipReason.BrokenLink => isOne ? "link that leads nowhere" : "links that lead nowhere",
        SkipReason.OutsideLink => isOne ? "link that leads out of the mount" : "links that lead out of the mount",
        SkipReason.Fifo => isOne ? "FIFO" : "FIFOs",
        SkipReason.Socket => isOne ? "socket" : "sockets",
        SkipReason.Device => isOne ? "device" : "devices",
        SkipReason.PseudoFile => isOne ? "pseudo file of the kernel" : "pseudo files of the kernel",
        SkipReason.Denied => isOne ? "entry that the worker may not look at" : "entries that the worker may not look at",
        SkipReason.Failed => isOne ? "entry that the store cannot tell of" : "entries that the store cannot tell of",
        SkipReason.PathTooLong => isOne ? "entry whose path is too long" : "entries whose paths are too long",
        SkipReason.Unfinished => isOne ? "unfinished file" : "unfinished files",
        SkipReason.AlreadyVisited => isOne ? "directory that was visited by another path" : "directories that were visited by another path",
        SkipReason.LinkNotFollowed => isOne ? "link that was not followed" : "links that were not followed",
        SkipReason.TooDeep => isOne ? "directory that is too deep (begin another load there)" : "directories that are too deep (begin other loads there)",
        _ => isOne ? "entry" : "entries",
    };

    /// <summary>Control characters do nothing to a terminal.</summary>
    private static string Quote(string name)
    {
        var quoted = new StringBuilder(name.Length);
        foreach (char c in name)
        {
            quoted.Append(char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}") : c.ToString());
        }

        return quoted.ToString();
    }
}
