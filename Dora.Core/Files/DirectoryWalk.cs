namespace Dora;

/// <summary>
/// Where a walk over a tree has been, so that it ends whatever links there are: each directory is entered once, whichever paths lead to it, and none below a depth. Bounded. Not for concurrent use.
/// Enter links to directories after all others, the least path first: then what lies below the walk's root is found where it lies, and two walks over one tree go the same way.
/// </summary>
/// <param name="root">Where the walk begins; entered also when it is a link.</param>
/// <param name="followLinks">Whether links are taken for what they lead to; else they are left out.</param>
internal sealed class DirectoryWalk(DoraPath root, bool followLinks)
{
    /// <summary>The most directories below each other, the root's own left out: 256.</summary>
    public const int MaxDepth = 256;

    /// <summary>Directories that are remembered, 40 bytes each; when there are more, links to others are not followed, which no loop can do without.</summary>
    private const int MaxKnown = 1_000_000;

    private readonly HashSet<UInt128> _known = [];
    private readonly int _rootDepth = DepthOf(root.Value);

    /// <summary>Why an entry that was found is left out; <see langword="null"/>: it is taken, a directory if <see cref="Enter"/> agrees.</summary>
    /// <param name="path">Its Dora path.</param>
    /// <param name="isDirectory">Whether it is, or leads to, a directory.</param>
    /// <param name="isLink">Whether it is a symbolic link.</param>
    public SkipReason? Judge(string path, bool isDirectory, bool isLink) =>
        isLink && !followLinks ? SkipReason.LinkNotFollowed
        : isDirectory && DepthOf(path) - _rootDepth > MaxDepth ? SkipReason.TooDeep
        : null;

    /// <summary>Enters a directory; why not, when the walk was there already.</summary>
    /// <param name="directory">Which it is, whatever its path; 0 when the store cannot say, or not yet: it is entered then.</param>
    /// <param name="isLink">Whether a link led to it.</param>
    public SkipReason? Enter(UInt128 directory, bool isLink) =>
        directory == UInt128.Zero ? null
        : _known.Contains(directory) ? SkipReason.AlreadyVisited
        : _known.Count < MaxKnown ? Remember(directory)
        : isLink ? SkipReason.LinkNotFollowed
        : null;

    private static int DepthOf(string path) => path.Length == 1 ? 0 : path.AsSpan().Count('/');

    private SkipReason? Remember(UInt128 directory)
    {
        _known.Add(directory);
        return null;
    }
}
