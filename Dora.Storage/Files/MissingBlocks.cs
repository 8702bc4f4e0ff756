namespace Dora.Storage.Files;

/// <summary>Decides what to fetch for a window of a file.</summary>
internal static class MissingBlocks
{
    private const int Block = PageGeometry.ExtentGrid;

    /// <summary>
    /// The 64 KiB blocks to fetch so that gaps are filled: the gaps' own, and all others that are missing of a page when the reader goes forward or
    /// wants at least half of the page anyway.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="window">What is wanted.</param>
    /// <param name="gaps">Parts of the window that are not cached, ascending.</param>
    /// <param name="wholePages">Whether the reader goes forward.</param>
    public static List<long> For(PagedFile file, ByteRange window, List<ByteRange> gaps, bool wholePages)
    {
        var blocks = new SortedSet<long>();
        foreach (ByteRange gap in gaps)
        {
            for (long block = gap.Offset / Block; block * Block < gap.End; block++)
            {
                blocks.Add(block);
            }

            for (uint page = file.Geometry.IndexOf(gap.Offset); page <= file.Geometry.IndexOf(gap.End - 1); page++)
            {
                ByteRange whole = file.Geometry.RangeOf(page, file.File.Length);
                if (wholePages || window.Intersect(whole).Length * 2 >= whole.Length)
                {
                    blocks.UnionWith(NotCached(file, whole));
                }
            }
        }

        return [.. blocks];
    }

    /// <summary>The blocks of a range that are not cached.</summary>
    public static IEnumerable<long> NotCached(PagedFile file, ByteRange range)
    {
        ByteRange aligned = range.AlignTo(Block).Within(file.File.Length);
        for (long position = aligned.Offset; position < aligned.End;)
        {
            long cached = file.Probe(position, aligned.End - position);
            position += cached;
            if (position < aligned.End)
            {
                yield return position / Block;
                position = ((position / Block) + 1) * Block;
            }
        }
    }
}
