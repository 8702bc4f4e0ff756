namespace Dora.Storage.Ufs.Local;

/// <summary>What the kernel says of a file.</summary>
/// <param name="Links">Names it has; 0 when it was deleted.</param>
/// <param name="Mode">Type and permissions.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">Last change of the content, in steps of 100 ns.</param>
/// <param name="Changed">Last change of content or attributes: unlike <paramref name="Modified"/>, no program can set it back.</param>
internal readonly record struct LinuxStat(uint Links, ushort Mode, long Length, DateTimeOffset Modified, DateTimeOffset Changed)
{
    private const int TypeMask = 0xF000;

    public bool IsFile => (Mode & TypeMask) == 0x8000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    public bool IsLink => (Mode & TypeMask) == 0xA000;

    public FileVersion Version => FileVersion.FromLengthAndTime(Length, Modified);

    /// <summary>As a connector shows it; <see langword="null"/> for what is neither a file nor a directory (FIFO, device, socket).</summary>
    public UfsStat? ToUfs() =>
        IsFile ? new UfsStat(FileKind.File, Length, Modified, Version)
        : IsDirectory ? new UfsStat(FileKind.Directory, 0, Modified, FileVersion.None)
        : null;
}
