using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Eviction;

/// <summary>
/// Finds copies: records of files that belong to other workers now, left from before a change of the ring or from a time when this worker stood in. They go before anything that belongs here,
/// whatever the policy thinks of them. The hand walks the log while eviction goes on; after a lap without a copy it rests until a part of the cache was put anew, so that a cache without copies pays little.
/// </summary>
/// <param name="belongs">Whether the pages of a file of a mount belong here; <see langword="null"/>: all do.</param>
/// <param name="capacityBytes">Of the directory.</param>
internal sealed class CopyHand(Func<FileId, ushort, bool>? belongs, long capacityBytes)
{
    /// <summary>Records looked at for each victim.</summary>
    private const int Sample = 256;

    private const int LapsPerTurnover = 32;

    private RecordHand _hand;
    private long _restsUntil;
    private bool _hasFound;

    /// <summary>The next copy; <see langword="false"/>: there is none, or none was met within a bounded number of steps.</summary>
    /// <param name="walk">The records.</param>
    /// <param name="appended">Bytes ever appended to the directory.</param>
    /// <param name="copy">The copy.</param>
    public bool TryChoose(RecordWalk walk, long appended, out EvictionCandidate copy)
    {
        copy = default;
        if (belongs is null || appended < _restsUntil)
        {
            return false;
        }

        for (int i = 0; i < Sample; i++)
        {
            if (walk.TryNextRecord(ref _hand, out copy, out IndexedRecord record))
            {
                if (!belongs(copy.Page.File, record.Mount) && walk.MayGo(_hand, copy, record))
                {
                    return _hasFound = true;
                }
            }
            else if (!_hasFound)
            {
                _restsUntil = appended + (capacityBytes / LapsPerTurnover);
                return false;
            }
            else
            {
                _hasFound = false;
            }
        }

        return false;
    }
}
