using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Cli.Get;

/// <summary>
/// A local directory that is copied into, held open: everything is done through the handle, one name at a time, so that no link below the directory that was named leads a write elsewhere. Several
/// users share it; the last one to dispose of it closes it.
/// </summary>
internal sealed class TargetDirectory : IDisposable
{
    private const int UsualRights = 0b110_110_110; // less the umask
    private const int MaxTries = 8;

    private readonly SafeFileHandle _handle;
    private int _users = 1;

    private TargetDirectory(SafeFileHandle handle, string path, UInt128 identity) => (_handle, Path, Identity) = (handle, path, identity);

    /// <summary>Where it is, for messages.</summary>
    public string Path { get; }

    /// <summary>Which directory it is, as listings tell it of theirs.</summary>
    public UInt128 Identity { get; }

    /// <summary>Opens the directory that a person named.</summary>
    /// <exception cref="DoraException">It cannot be opened.</exception>
    public static TargetDirectory Open(string path) => Own(LinuxNames.OpenDirectory(path, out SafeFileHandle? handle), handle, path);

    /// <summary>Opens a directory below this one, making what is missing. Leftovers of copies that ended without clean-up go.</summary>
    /// <param name="names">Its names, one for each step.</param>
    /// <exception cref="DoraException">A name is no directory, or cannot be made or opened.</exception>
    public TargetDirectory OpenBelow(IEnumerable<string> names)
    {
        TargetDirectory at = Use();
        foreach (string name in names)
        {
            using TargetDirectory above = at;
            at = above.OpenOrMake(name);
        }

        return at;
    }

    /// <summary>One more user.</summary>
    public TargetDirectory Use()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    /// <summary>What a name is, if there is something.</summary>
    public NamedFile? Find(string name) => LinuxNames.StatAt(_handle, name, out NamedFile found) == Errno.None ? found : null;

    /// <summary>Begins a file under a name of its own, see <see cref="TargetFile"/>.</summary>
    /// <exception cref="DoraException">It cannot be made.</exception>
    public TargetFile Create()
    {
        for (int attempt = 0; ; attempt++)
        {
            string name = DraftName.New();
            int errno = LinuxNames.CreateAt(_handle, name, UsualRights, out SafeFileHandle? file);
            if (errno != Errno.None)
            {
                throw LocalFailure.For(errno, System.IO.Path.Combine(Path, name));
            }

            // Between its making and its lock a clean-up may have taken it for a leftover.
            if (LinuxNames.TryLock(file!) && LinuxNames.Stat(file!, out NamedFile made) == Errno.None && made.Links > 0)
            {
                return new TargetFile(this, name, file!);
            }

            file!.Dispose();
            if (attempt == MaxTries)
            {
                throw new DoraException(DoraErrorCode.Busy, $"'{Path}': another program removes files as soon as they are made");
            }
        }
    }

    /// <summary>Gives a file its name.</summary>
    /// <exception cref="DoraException">The name is taken and <paramref name="replaces"/> is false, or is that of a directory.</exception>
    public void Place(string partial, string name, bool replaces)
    {
        int errno = replaces ? LinuxNames.MoveOver(_handle, partial, name) : LinuxNames.MoveToFree(_handle, partial, name);
        if (errno != Errno.None)
        {
            throw LocalFailure.For(errno, System.IO.Path.Combine(Path, name));
        }
    }

    /// <summary>Removes a file.</summary>
    public void Remove(string name) => LinuxNames.RemoveAt(_handle, name);

    /// <summary>
    /// Removes what copies that were killed left behind: files with a name as theirs, of this user, that have no other name and that nobody writes to. Anything else stays, whatever its name.
    /// </summary>
    public void RemoveLeftovers()
    {
        foreach (string name in LinuxNames.List(_handle).Where(DraftName.Is).ToList())
        {
            if (LinuxNames.StatAt(_handle, name, out NamedFile found) != Errno.None || !IsOurs(found) || LinuxNames.OpenAt(_handle, name, out SafeFileHandle? file) != Errno.None)
            {
                continue;
            }

            using (file)
            {
                if (LinuxNames.Stat(file!, out NamedFile opened) == Errno.None && opened.Identity == found.Identity && IsOurs(opened) && LinuxNames.TryLock(file!))
                {
                    LinuxNames.RemoveAt(_handle, name);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _handle.Dispose();
        }
    }

    private static bool IsOurs(in NamedFile found) => found is { IsFile: true, Links: 1 } && found.Owner == Libc.geteuid();

    private TargetDirectory OpenOrMake(string name)
    {
        if (name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal))
        {
            throw new DoraException(DoraErrorCode.InvalidPath, $"'{name}' is no name of a directory");
        }

        string path = System.IO.Path.Combine(Path, name);
        int made = LinuxNames.MakeDirectoryAt(_handle, name);
        TargetDirectory opened = made is Errno.None or Errno.Exists
            ? Own(LinuxNames.OpenDirectoryAt(_handle, name, out SafeFileHandle? handle), handle, path)
            : throw LocalFailure.For(made, path);
        return opened;
    }

    private static TargetDirectory Own(int errno, SafeFileHandle? handle, string path)
    {
        if (errno != Errno.None)
        {
            throw LocalFailure.For(errno, path);
        }

        errno = LinuxNames.Stat(handle!, out NamedFile found);
        return errno == Errno.None ? new TargetDirectory(handle!, path, found.Identity) : throw LocalFailure.For(errno, path);
    }
}
