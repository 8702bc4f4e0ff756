using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>
/// Files that a kernel makes up while they are read (procfs, sysfs and the like). Their size, 0 or one page, says nothing of what a read gives, which may be another thing each time: served by that size
/// they would be silently empty or cut. None takes room on a device, so only files without blocks are asked about.
/// </summary>
internal static class PseudoFiles
{
    /// <summary>What kind of pseudo file it is, or <see langword="null"/>: it is an ordinary file.</summary>
    /// <param name="stat">What it is.</param>
    /// <param name="pinned">It, or something on the same device.</param>
    public static string? Name(in LinuxStat stat, SafeFileHandle pinned) => IsSuspicious(stat) ? NameOf(LinuxFile.FileSystem(pinned)) : null;

    /// <summary>Whether it may be one: the file system decides.</summary>
    public static bool IsSuspicious(in LinuxStat stat) => stat.IsFile && !stat.HasBlocks;

    /// <summary>The name of a file system (<c>linux/magic.h</c>) whose files have no true size; <see langword="null"/> for all others.</summary>
    public static string? NameOf(ulong fileSystem) => fileSystem switch
    {
        0x9FA0 => "procfs",
        0x62656572 => "sysfs",
        0x27E0EB => "cgroup",
        0x63677270 => "cgroup2",
        0x64626720 => "debugfs",
        0x74726163 => "tracefs",
        0x73636673 => "securityfs",
        0x62656570 => "configfs",
        0x6E736673 => "nsfs",
        0xCAFE4A11 => "bpf",
        0xF97CFF8C => "selinuxfs",
        0x43415D53 => "smackfs",
        0x42494E4D => "binfmt_misc",
        0x65735543 => "fusectl",
        0x19800202 => "mqueue",
        0x07655821 => "resctrl",
        0xABBA1974 => "xenfs",
        _ => null,
    };
}
