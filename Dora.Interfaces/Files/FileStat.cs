namespace Dora.Interfaces;

/// <summary>What is at a Dora path.</summary>
/// <param name="Path">The normalized Dora path.</param>
/// <param name="UfsPath">The full path in the store; empty for a directory that exists only above mounts.</param>
/// <param name="Kind">File or directory.</param>
/// <param name="Length">Bytes; 0 for a directory.</param>
/// <param name="LastModified">The store's last-modified time, UTC; the default value (year 1) when there is none, as for directories above mounts.</param>
/// <param name="Version">The content's tag (<see cref="FileVersion.Value"/>); 0 for a directory.</param>
/// <param name="LoadedAt">When the store was asked, UTC.</param>
[GenerateSerializer, Immutable, Alias("Dora.FileStat")]
public sealed record FileStat(
    [property: Id(0)] string Path,
    [property: Id(1)] string UfsPath,
    [property: Id(2)] FileKind Kind,
    [property: Id(3)] long Length,
    [property: Id(4)] DateTimeOffset LastModified,
    [property: Id(5)] ulong Version,
    [property: Id(6)] DateTimeOffset LoadedAt)
{
    /// <summary>
    /// In a listing, which directory an entry is: the same for every path that leads to it, so that a walk can tell where it was already. A local directory's device in the upper half and its inode in
    /// the lower. 0: a file, a mount's root, a store without such an identity, or no listing.
    /// </summary>
    [Id(7)] public UInt128 DirectoryId { get; init; }

    /// <summary>In a listing, whether the name is a symbolic link; the rest tells what it leads to.</summary>
    [Id(8)] public bool IsLink { get; init; }

    /// <summary>The last segment of <see cref="Path"/>.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
