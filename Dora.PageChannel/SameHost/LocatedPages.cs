using BitFaster.Caching.Lru;

namespace Dora.PageChannel.SameHost;

/// <summary>A piece of a file in an open segment, and when the worker was last told that it is used.</summary>
/// <param name="location">Where it lies.</param>
/// <param name="file">The segment.</param>
/// <param name="told">When.</param>
internal sealed class LocatedPiece(in PageLocation location, SegmentFile file, long told)
{
    private readonly PageLocation _location = location;
    private long _told = told;

    public ref readonly PageLocation Location => ref _location;

    public SegmentFile File { get; } = file;

    /// <summary>Whether it is time to tell the worker again; true for one caller.</summary>
    public bool IsDue(long now, long interval)
    {
        long told = Volatile.Read(ref _told);
        return now - told >= interval && Interlocked.CompareExchange(ref _told, now, told) == told;
    }

    /// <summary>Whether it has a byte of the file.</summary>
    public bool Has(long offset) => _location.Offset <= offset && offset < _location.End;
}

/// <summary>Where pages lie, by file, version and number. Bounded; what was not read again goes first, and costs a question when it is. Safe for concurrent use.</summary>
internal sealed class LocatedPages
{
    /// <summary>Bytes of a file in one page, as the worker stores them.</summary>
    public const int PageBytes = PageLocation.MaxLength;

    /// <summary>Most pages.</summary>
    public const int Max = 65_536;

    private const int MaxPieces = PageBytes / PageGeometry.ExtentGrid;

    private readonly FastConcurrentLru<PageKey, Page> _pages = new(Max);

    /// <summary>The page of a byte.</summary>
    public static PageKey KeyOf(FileId file, FileVersion version, long offset) => new(file, version, (uint)(offset / PageBytes));

    /// <summary>The piece of a page that has a byte of the file.</summary>
    public LocatedPiece? Find(in PageKey page, long offset)
    {
        foreach (LocatedPiece piece in _pages.TryGet(page, out Page? known) ? known.Pieces : [])
        {
            if (piece.Has(offset))
            {
                return piece;
            }
        }

        return null;
    }

    /// <summary>Forgets a piece.</summary>
    public void Forget(in PageKey page, LocatedPiece piece)
    {
        if (_pages.TryGet(page, out Page? known))
        {
            // When somebody else changes the page meanwhile, the piece is met once more.
            LocatedPiece[] pieces = known.Pieces;
            known.TryReplace(pieces, Array.FindAll(pieces, p => p != piece));
        }
    }

    /// <summary>Adds a piece; older ones that it covers go.</summary>
    public void Add(in PageKey page, LocatedPiece piece)
    {
        Page known = _pages.GetOrAdd(page, static _ => new Page());
        LocatedPiece[] pieces = known.Pieces;
        LocatedPiece[] kept = Array.FindAll(pieces, p => p.Location.End <= piece.Location.Offset || p.Location.Offset >= piece.Location.End);
        known.TryReplace(pieces, [.. kept.Length < MaxPieces ? kept : [], piece]);
    }

    /// <summary>The pieces of a page: an array that is replaced whole.</summary>
    private sealed class Page
    {
        private LocatedPiece[] _pieces = [];

        public LocatedPiece[] Pieces => Volatile.Read(ref _pieces);

        public void TryReplace(LocatedPiece[] known, LocatedPiece[] pieces) => Interlocked.CompareExchange(ref _pieces, pieces, known);
    }
}
