namespace Dora.Storage.Ufs;

/// <summary>What is at a path of a store.</summary>
/// <param name="Kind">File or directory.</param>
/// <param name="Length">Bytes; 0 for a directory.</param>
/// <param name="LastModified">UTC.</param>
/// <param name="Version">The content's tag; none for a directory.</param>
public readonly record struct UfsStat(FileKind Kind, long Length, DateTimeOffset LastModified, FileVersion Version);

/// <summary>The outcome of a stat.</summary>
/// <param name="Status">Ok, or why not.</param>
/// <param name="Stat">Set when Ok.</param>
/// <param name="Error">One line: what, where, what to do; set when neither Ok nor NotFound.</param>
public readonly record struct UfsStatResult(UfsStatus Status, UfsStat Stat, string? Error = null);

/// <summary>The outcome of a ranged read.</summary>
/// <param name="Status">Ok, or why not.</param>
/// <param name="Bytes">Bytes read when Ok; fewer than asked only at the end of the file.</param>
/// <param name="Error">One line, set when not Ok.</param>
public readonly record struct UfsReadResult(UfsStatus Status, int Bytes, string? Error = null);

/// <summary>The outcome of reading a whole file in one answer.</summary>
/// <param name="Status">Ok, or why not.</param>
/// <param name="Stat">What the file was then, when Ok: as many bytes as its length are in the caller's memory.</param>
/// <param name="Error">One line, set when not Ok.</param>
public readonly record struct UfsSnapshotResult(UfsStatus Status, UfsStat Stat, string? Error = null);

/// <summary>One name in a directory.</summary>
/// <param name="Name">The last segment.</param>
/// <param name="Stat">What it is; of a link what it leads to.</param>
public readonly record struct UfsEntry(string Name, UfsStat Stat)
{
    /// <summary>Which directory it is, whatever its path: see <see cref="UfsListResult.DirectoryId"/>. 0 for files, and where the store has no such thing.</summary>
    public UInt128 DirectoryId { get; init; }

    /// <summary>Whether the name is a symbolic link.</summary>
    public bool IsLink { get; init; }
}

/// <summary>The outcome of one page of a listing.</summary>
/// <param name="Status">Ok, or why not.</param>
/// <param name="Entries">The entries when Ok.</param>
/// <param name="Continuation">Where the next page starts, or <see langword="null"/> after the last.</param>
/// <param name="Error">One line, set when not Ok.</param>
public readonly record struct UfsListResult(UfsStatus Status, IReadOnlyList<UfsEntry> Entries, string? Continuation, string? Error = null)
{
    /// <summary>What this page leaves out: entries that are no files or directories to Dora, and names that cannot be Dora paths.</summary>
    public IReadOnlyList<SkippedEntries> Skipped
    {
        get => field ?? [];
        init;
    }

    /// <summary>
    /// Which directory was listed: the same for every path that leads to it, through links or otherwise, so that a walk can tell where it was already. A local directory's device in the upper half
    /// and its inode in the lower; a store with another identity gives that, or a hash of it. 0: the store has none.
    /// </summary>
    public UInt128 DirectoryId { get; init; }
}
