namespace Dora.Cli.Commands;

/// <summary>The rights of files that a command makes for the user.</summary>
internal static class FileModes
{
    private const int EveryoneReadsAndWrites = 0b110_110_110;
    private const int UsualUmask = 0b000_010_010;

    /// <summary>What any program's new file has: reading and writing, less the process' umask.</summary>
    public static UnixFileMode New { get; } = (UnixFileMode)(EveryoneReadsAndWrites & ~Umask());

    /// <summary>Read from the system's own account: the call that tells it also changes it.</summary>
    private static int Umask()
    {
        const string Field = "Umask:";
        try
        {
            string? line = File.ReadLines("/proc/self/status").FirstOrDefault(static l => l.StartsWith(Field, StringComparison.Ordinal));
            return line is null ? UsualUmask : line.AsSpan(Field.Length).Trim().ToString().Aggregate(0, static (mode, digit) => (mode * 8) + digit - '0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return UsualUmask;
        }
    }
}
