namespace Dora;

/// <summary>Why a listing, or a walk over a tree, leaves an entry of the store out. Frozen on the wire; may only grow.</summary>
public enum SkipReason : byte
{
    /// <summary>Not told: the worker is of a version that only counts.</summary>
    Unknown = 0,

    /// <summary>The name is not UTF-8, or has a replacement character (U+FFFD) in it: no path can name it.</summary>
    InvalidName = 1,

    /// <summary>A symbolic link that leads to nothing, or in a circle.</summary>
    BrokenLink = 2,

    /// <summary>A symbolic link that leads out of the mount's root.</summary>
    OutsideLink = 3,

    /// <summary>A FIFO (named pipe), or a link to one.</summary>
    Fifo = 4,

    /// <summary>A socket, or a link to one.</summary>
    Socket = 5,

    /// <summary>A character or block device, or a link to one.</summary>
    Device = 6,

    /// <summary>A file of a kernel's file system (procfs, sysfs and the like), whose size says nothing of its content.</summary>
    PseudoFile = 7,

    /// <summary>The worker may not look at it.</summary>
    Denied = 8,

    /// <summary>The store could not tell what it is.</summary>
    Failed = 9,

    /// <summary>Its Dora path would be too long.</summary>
    PathTooLong = 10,

    /// <summary>A file that Dora has not finished writing, or left behind in a crash.</summary>
    Unfinished = 11,

    /// <summary>A directory that the walk has entered by another path: each is visited once.</summary>
    AlreadyVisited = 12,

    /// <summary>A symbolic link, and links were not to be followed.</summary>
    LinkNotFollowed = 13,

    /// <summary>A directory more than 256 levels below the one where the walk began: begin another there.</summary>
    TooDeep = 14,
}
