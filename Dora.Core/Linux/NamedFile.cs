namespace Dora.Core.Linux;

/// <summary>What a name in a directory is; a symbolic link is itself.</summary>
/// <param name="Mode">Type and permissions.</param>
/// <param name="Links">Names it has; 0 when it was deleted.</param>
/// <param name="Owner">The user it belongs to.</param>
/// <param name="Inode">Its number on its device.</param>
/// <param name="Device">The device's number.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">Last change of the content, in steps of 100 ns.</param>
internal readonly record struct NamedFile(ushort Mode, uint Links, uint Owner, ulong Inode, ulong Device, long Length, DateTimeOffset Modified)
{
    private const int TypeMask = 0xF000;

    public bool IsFile => (Mode & TypeMask) == 0x8000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    public bool IsLink => (Mode & TypeMask) == 0xA000;

    /// <summary>Which file it is, as listings tell it of directories: the device in the upper half and the inode in the lower.</summary>
    public UInt128 Identity => new(Device, Inode);
}
