namespace Dora.PageChannel.Codec;

/// <summary>Flags of a stat request. Frozen on the wire.</summary>
[Flags]
internal enum StatFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Serve although you are not the owner: the owner did not answer.</summary>
    Failover = 1,

    /// <summary>Ask the store even when the cached metadata is fresh.</summary>
    Refresh = 2,
}

/// <summary>Flags of a read request. Frozen on the wire.</summary>
[Flags]
internal enum ReadFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Serve although you are not the owner: the owner did not answer.</summary>
    Failover = 1,

    /// <summary>Bytes that are not cached come from the store and are not cached.</summary>
    StoreDirect = 2,

    /// <summary>Hint: the bytes that follow will be read next.</summary>
    Sequential = 4,

    /// <summary>Answer <see cref="PageChannelStatus.NotCached"/> instead of asking the store.</summary>
    CachedOnly = 8,
}

/// <summary>Flags of a list request. Frozen on the wire.</summary>
[Flags]
internal enum ListFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Serve although you are not the owner: the owner did not answer.</summary>
    Failover = 1,
}

/// <summary>Flags of a known request. Frozen on the wire.</summary>
[Flags]
internal enum KnownFlags : ushort
{
    /// <summary>None: what is known of one path.</summary>
    None = 0,

    /// <summary>What is known of all files that the asking worker owns, from a file id on.</summary>
    Owned = 1,

    /// <summary>With <see cref="Owned"/>: that it will own when the worker that is asked has left, and that one owns now.</summary>
    Leaving = 2,

    /// <summary>What is cached of some files. Since version 5.</summary>
    Held = 4,
}

/// <summary>Flags of a reply. Frozen on the wire.</summary>
[Flags]
internal enum ReplyFlags : ushort
{
    /// <summary>None: answered from the cache.</summary>
    None = 0,

    /// <summary>The store was asked for at least a part of the answer.</summary>
    FromStore = 1,
}
