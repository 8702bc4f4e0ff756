namespace Dora.Storage.Files;

/// <summary>The fetches in flight, by 64 KiB block: a block is fetched once at a time, whoever asks for whichever range around it.</summary>
internal sealed class FetchTable(ByteBudget budget)
{
    private const int Block = PageGeometry.ExtentGrid;

    private readonly Lock _gate = new();
    private readonly Dictionary<BlockKey, ExtentFetch> _inFlight = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _epoch;
    private bool _closed;

    /// <summary>Grows whenever a fetch ends. Read it before looking into the page store.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Finds or makes the fetches that bring blocks.</summary>
    /// <param name="file">The file.</param>
    /// <param name="blocks">Blocks that were not cached, ascending.</param>
    /// <param name="epoch">The epoch before that was found out.</param>
    /// <param name="maxBytes">The longest fetch.</param>
    /// <returns>Each fetch once, with a reference for the caller, and whether the caller must run it.</returns>
    public List<(ExtentFetch Fetch, bool IsNew)> Claim(FileMetadata file, List<long> blocks, long epoch, long maxBytes)
    {
        var claimed = new List<(ExtentFetch, bool)>();
        lock (_gate)
        {
            ExtentFetch? previous = null;
            for (int i = 0; i < blocks.Count; i++)
            {
                if (_inFlight.TryGetValue(new BlockKey(file.Id, file.Version, blocks[i]), out ExtentFetch? fetch))
                {
                    if (fetch != previous)
                    {
                        fetch.AddReference();
                        claimed.Add((fetch, false));
                    }
                }
                else
                {
                    int last = LastOfRun(file, blocks, i, maxBytes);
                    claimed.Add((fetch = Add(file, blocks[i], blocks[last], epoch), true));
                    i = last;
                }

                previous = fetch;
            }
        }

        return claimed;
    }

    /// <summary>Takes a fetch off the table; what it stored is in the page store by now.</summary>
    public void Remove(ExtentFetch fetch)
    {
        lock (_gate)
        {
            foreach (BlockKey key in Keys(fetch))
            {
                _inFlight.Remove(key);
            }

            _epoch++;
            if (_closed && _inFlight.Count == 0)
            {
                _drained.TrySetResult();
            }
        }
    }

    /// <summary>Completes when no fetch is in flight.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
            if (_inFlight.Count == 0)
            {
                _drained.TrySetResult();
            }
        }

        return _drained.Task;
    }

    private int LastOfRun(FileMetadata file, List<long> blocks, int first, long maxBytes)
    {
        int last = first;
        while (last + 1 < blocks.Count
            && blocks[last + 1] == blocks[last] + 1
            && (blocks[last + 1] - blocks[first] + 1) * Block <= maxBytes
            && !_inFlight.ContainsKey(new BlockKey(file.Id, file.Version, blocks[last + 1])))
        {
            last++;
        }

        return last;
    }

    private ExtentFetch Add(FileMetadata file, long first, long last, long epoch)
    {
        var range = new ByteRange(first * Block, (last - first + 1) * Block);
        var fetch = new ExtentFetch(file, range.Within(file.Length), recheck: epoch != _epoch, budget);
        fetch.AddReference();
        foreach (BlockKey key in Keys(fetch))
        {
            _inFlight.Add(key, fetch);
        }

        return fetch;
    }

    private static IEnumerable<BlockKey> Keys(ExtentFetch fetch)
    {
        for (long block = fetch.Range.Offset / Block; block * Block < fetch.Range.End; block++)
        {
            yield return new BlockKey(fetch.File.Id, fetch.File.Version, block);
        }
    }

    private readonly record struct BlockKey(FileId File, FileVersion Version, long Block);
}
