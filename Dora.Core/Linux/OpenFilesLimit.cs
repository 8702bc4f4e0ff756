using System.Globalization;

namespace Dora.Core.Linux;

/// <summary>
/// How many files the process may have open. With too few the runtime fails in the middle of loading an assembly, or says that it is out of memory; so programs look first.
/// Needs no assembly but the runtime's own.
/// </summary>
internal static class OpenFilesLimit
{
    /// <summary>A command: its assemblies stay open, some 180 files, and some connections.</summary>
    public const int Command = 256;

    /// <summary>A worker: 260 files when it idles, then connections, segments and tables.</summary>
    public const int Worker = 1024;

    /// <summary>What is wrong, in one line; <see langword="null"/>: nothing, or the system does not tell.</summary>
    /// <param name="needed">The least.</param>
    /// <param name="who">Who needs them.</param>
    public static string? Problem(int needed, string who) => Current() is { } limit && limit < needed
        ? $"the limit on open files is {limit.ToString(CultureInfo.InvariantCulture)} and {who} needs {needed.ToString(CultureInfo.InvariantCulture)}: raise it with 'ulimit -n {Worker.ToString(CultureInfo.InvariantCulture)}' or more, or LimitNOFILE= of a systemd unit"
        : null;

    /// <summary>The soft limit; the runtime has raised it to the hard one when it started.</summary>
    private static long? Current()
    {
        const string Field = "Max open files";
        try
        {
            foreach (string line in File.ReadLines("/proc/self/limits"))
            {
                if (line.StartsWith(Field, StringComparison.Ordinal))
                {
                    string soft = line[Field.Length..].TrimStart().Split(' ')[0];
                    return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not Linux, or no /proc.
        }

        return null;
    }
}
