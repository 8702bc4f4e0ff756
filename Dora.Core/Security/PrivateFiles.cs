using System.Text;

namespace Dora;

/// <summary>
/// Directories and files that the user who runs Dora alone may read: they hold cached bytes, names of files, and what the cluster is. Made with their rights, not given them afterwards.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerFile | UnixFileMode.UserExecute;
    private const UnixFileMode Owner = OwnerDirectory;
    private const UnixFileMode AllRights = (UnixFileMode)0b111_111_111;

    /// <summary>Makes a directory, 0700; one that is there stays as it is.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerDirectory);
        }
    }

    /// <summary>
    /// Makes a directory, 0700. One that is there and that others may look into is closed to them with everything in it when it is Dora's or empty; else it is refused, for its other files are no business of Dora's.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <param name="isDora">Whether a name in it is Dora's own; names of no meaning, such as <c>lost+found</c>, are known here.</param>
    /// <param name="option">Names another directory, for the message.</param>
    /// <returns>What was changed, in one line; <see langword="null"/> when nothing was.</returns>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: others may look into it, and it is not Dora's to close.</exception>
    public static string? OpenDirectory(string path, Func<string, bool> isDora, string option)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return null;
        }

        if (!Directory.Exists(path))
        {
            CreateDirectory(path);
        }

        UnixFileMode mode = File.GetUnixFileMode(path) & AllRights;
        if ((mode & ~Owner) == 0)
        {
            return null;
        }

        string open = $"'{path}' can be read by other users (mode {Octal(mode)})";
        string? stranger = Directory.EnumerateFileSystemEntries(path).Select(static e => Path.GetFileName(e)).FirstOrDefault(e => e != "lost+found" && !DraftName.Is(e) && !isDora(e));
        if (stranger is not null)
        {
            throw new DoraException(
                DoraErrorCode.Configuration, $"{open} and holds '{stranger}', which is not Dora's: close it with 'chmod 700 {path}', or choose an empty or new directory with {option}");
        }

        try
        {
            Close(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"{open} and belongs to another user: have it closed with 'chmod 700 {path}', or choose another directory with {option}", e);
        }

        return $"'{path}' could be read by other users (mode {Octal(mode)}): closed to them now, with everything in it";
    }

    /// <summary>Takes a file of Dora's from other users, when they may read it.</summary>
    /// <returns>Whether they could.</returns>
    public static bool CloseFile(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path) || (File.GetUnixFileMode(path) & AllRights & ~Owner) == 0)
        {
            return false;
        }

        File.SetUnixFileMode(path, File.GetUnixFileMode(path) & OwnerFile);
        return true;
    }

    /// <summary>Opens a file for writing, made 0600 when it is missing.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            options.UnixCreateMode = OwnerFile;
        }

        return new FileStream(path, options);
    }

    /// <summary>
    /// Writes a file, 0600, whole: readers see what was there or all of the new. A link in its place is replaced, not followed, and what is written in between has a name that nobody can guess.
    /// </summary>
    public static void WriteAllText(string path, string text)
    {
        string draft = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, DraftName.New());
        try
        {
            using (FileStream file = Open(draft, FileMode.CreateNew, FileAccess.Write, FileShare.Read))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }

    /// <summary>The directory first: then nobody else can put a link where something is changed.</summary>
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void Close(string directory)
    {
        File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) & OwnerDirectory);
        var inside = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        foreach (string entry in Directory.EnumerateFileSystemEntries(directory, "*", inside))
        {
            UnixFileMode mode = File.GetUnixFileMode(entry);
            if ((mode & AllRights & ~Owner) != 0)
            {
                File.SetUnixFileMode(entry, mode & Owner);
            }
        }
    }

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');
}
