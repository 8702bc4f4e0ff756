namespace Dora.Cli.Output;

/// <summary>What listings left out, the same for every command that lists.</summary>
internal static class SkippedView
{
    private const int NamesShown = 3;

    /// <summary>What programs get: for each reason how many, and the first names.</summary>
    public static object[] Of(IEnumerable<SkippedEntries> skipped) => [.. skipped.Select(static s => new { s.Reason, s.Count, s.Names })];

    /// <summary>What people get: one line on stderr, or none. Programs have it in the result.</summary>
    public static void Note(Terminal terminal, string path, IReadOnlyCollection<SkippedEntries> skipped)
    {
        if (!terminal.Json && skipped.Count > 0)
        {
            long count = skipped.Sum(static s => s.Count);
            terminal.Problem($"'{path}': {(count == 1 ? "1 entry is" : $"{Format.Count(count)} entries are")} left out: {string.Join("; ", skipped.Select(Describe))}");
        }
    }

    private static string Describe(SkippedEntries skipped)
    {
        IEnumerable<string> names = skipped.Names.Take(NamesShown).Select(static n => $"'{n}'");
        string shown = string.Join(", ", skipped.Count > Math.Min(NamesShown, skipped.Names.Count) ? names.Append("...") : names);
        string what = $"{Format.Count(skipped.Count)} {Words(skipped.Reason, skipped.Count == 1)}";
        return skipped.Names.Count == 0 ? what : $"{what} ({shown})";
    }

    private static string Words(SkipReason reason, bool isOne) => reason switch
    {
        SkipReason.InvalidName => isOne ? "name that is not UTF-8" : "names that are not UTF-8",
        SkipReason.BrokenLink => isOne ? "symbolic link that leads to nothing" : "symbolic links that lead to nothing",
        SkipReason.OutsideLink => isOne ? "symbolic link that leads out of the mount" : "symbolic links that lead out of the mount",
        SkipReason.Fifo => isOne ? "FIFO" : "FIFOs",
        SkipReason.Socket => isOne ? "socket" : "sockets",
        SkipReason.Device => isOne ? "device" : "devices",
        SkipReason.PseudoFile => isOne ? "pseudo file of the kernel" : "pseudo files of the kernel",
        SkipReason.Denied => "that the worker may not look at",
        SkipReason.Failed => "that the store could not tell of",
        SkipReason.PathTooLong => isOne ? "whose path is too long" : "whose paths are too long",
        SkipReason.Unfinished => isOne ? "unfinished file of Dora" : "unfinished files of Dora",
        SkipReason.AlreadyVisited => isOne ? "directory that was visited by another path" : "directories that were visited by another path",
        SkipReason.LinkNotFollowed => isOne ? "symbolic link that was not followed" : "symbolic links that were not followed",
        SkipReason.TooDeep => isOne ? "directory that is too deep (begin again there)" : "directories that are too deep (begin again there)",
        _ => "for a reason that this version does not know",
    };
}
