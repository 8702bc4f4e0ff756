namespace Dora.Storage.Ufs.Local;

/// <summary>What the kernel says of a file.</summary>
/// <param name="Links">Names it has; 0 when it was deleted.</param>
/// <param name="Mode">Type and permissions.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">Last change of the content, in steps of 100 ns.</param>
/// <param name="Changed">Last change of content or attributes: unlike <paramref name="Modified"/>, no program can set it back.</param>
/// <param name="ChangedNanoseconds">The same within its second, as exact as the kernel tells it.</param>
/// <param name="Inode">The file's number on its device.</param>
/// <param name="Device">The device's number, until the machine starts again.</param>
/// <param name="HasBlocks">Whether it takes room on a device. A file without has no bytes, or holes only, or a few inside its inode, or is none: see <see cref="PseudoFiles"/>.</param>
internal readonly record struct LinuxStat(
    uint Links, ushort Mode, long Length, DateTimeOffset Modified, DateTimeOffset Changed, uint ChangedNanoseconds, ulong Inode, ulong Device, bool HasBlocks)
{
    private const int TypeMask = 0xF000;

    public bool IsFile => (Mode & TypeMask) == 0x8000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>Which directory it is, whatever its path; 0 when it is none.</summary>
    public UInt128 DirectoryId => IsDirectory ? new UInt128(Device, Inode) : UInt128.Zero;

    /// <summary>Why a listing leaves out what is neither file nor directory; <see langword="null"/> for those.</summary>
    public SkipReason? SkipReason => IsFile || IsDirectory ? null : (Mode & TypeMask) switch
    {
        0x1000 => Dora.SkipReason.Fifo,
        0x2000 or 0x6000 => Dora.SkipReason.Device,
        0xC000 => Dora.SkipReason.Socket,
        _ => Dora.SkipReason.Failed,
    };

    /// <summary>What it is, for people.</summary>
    public string TypeName => (Mode & TypeMask) switch
    {
        0x1000 => "a FIFO",
        0x2000 => "a character device",
        0x6000 => "a block device",
        0xC000 => "a socket",
        _ => IsFile ? "a file" : IsDirectory ? "a directory" : "neither a file nor a directory",
    };

    public bool IsLink => (Mode & TypeMask) == 0xA000;

    /// <summary>
    /// Length and modification time alone are those of another file when somebody copies with times kept (<c>cp -p</c>, <c>rsync -t</c>, tar) and moves the copy over this one. The birth time
    /// and the inode's generation would add nothing: an inode that is used again has a later time of change.
    /// </summary>
    public FileVersion Version => FileVersion.FromLocalFile(Device, Inode, Changed, ChangedNanoseconds, Length, Modified);

    /// <summary>Whether nothing about it changed. When its blocks are found their place is the file system's affair, which may take its time.</summary>
    public bool IsUnchangedSince(in LinuxStat before) => this with { HasBlocks = before.HasBlocks } == before;

    /// <summary>As a connector shows it; <see langword="null"/> for what is neither a file nor a directory (FIFO, device, socket).</summary>
    public UfsStat? ToUfs() =>
        IsFile ? new UfsStat(FileKind.File, Length, Modified, Version)
        : IsDirectory ? new UfsStat(FileKind.Directory, 0, Modified, FileVersion.None)
        : null;
}
