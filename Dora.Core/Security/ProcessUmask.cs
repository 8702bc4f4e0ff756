using Dora.Core.Linux;

namespace Dora;

/// <summary>
/// Which rights the files that this process makes do not have. Libraries that make files of their own (SQLite, RocksDB, the log) take no mode: the umask is the one way to have theirs private from
/// the first instant.
/// </summary>
internal static class ProcessUmask
{
    private const int GroupAndOthers = 0b000_111_111;

    private static int _before = -1;

    /// <summary>From now on what the process makes is for its user alone. For programs whose every file is Dora's; called first of all.</summary>
    public static void MakePrivate()
    {
        if (!OperatingSystem.IsWindows())
        {
            _before = Libc.umask(GroupAndOthers);
        }
    }

    /// <summary>Gives what was just made for somebody else than Dora, a file in a user's store, the rights that it would have had without <see cref="MakePrivate"/>.</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="wanted">What it was made with.</param>
    public static void Undo(string path, UnixFileMode wanted)
    {
        if (_before < 0 || OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(path, (UnixFileMode)((int)wanted & ~_before));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file system without rights: they are what it says.
        }
    }
}
