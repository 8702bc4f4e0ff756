using Microsoft.Extensions.Logging;

namespace Dora.Storage.Metadata;

/// <summary>
/// Memory over RocksDB. A file that was used just now costs no lock. Everything else about one file happens under its lock, so that what a slow disk read brings up can
/// never replace, or bring back, what was changed meanwhile.
/// Negative entries stay in memory: they live for seconds, and a program that probes for thousands of absent files must not make the disk write.
/// A disk that refuses writes (full) makes the store a memory-only one for the entries concerned, and changes no answer.
/// </summary>
public sealed class TwoLevelMetadataStore : IMetadataStore, IMetadataScan
{
    private const int ShadowCapacity = 65_536;
    private const int SweepEntries = 50_000;

    private readonly MetadataStoreOptions _options;
    private readonly MetadataExpiry _expiry;
    private readonly IMetadataDisk _disk;
    private readonly MemoryMetadataCache _memory;
    private readonly DiskShadow _shadow;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _maintenance = new();
    private readonly ITimer _timer;
    private readonly StoreCounters _counters = new();
    private readonly MemoryWarmUp? _warmUp;
    private FileId _sweepFrom;
    private long _tableBytes;
    private int _refusing;

    internal TwoLevelMetadataStore(MetadataStoreOptions options, IMetadataDisk disk, TimeProvider time, ILogger logger, int shadowCapacity = ShadowCapacity)
    {
        _options = options;
        _disk = disk;
        _time = time;
        _logger = logger;
        _expiry = new MetadataExpiry(options, time);
        _tableBytes = disk.TableMemoryBytes;
        _memory = new MemoryMetadataCache(options.MemoryEntries, options.MemoryLevelBytes(_tableBytes), _expiry);
        _shadow = new DiskShadow(shadowCapacity);
        _timer = time.CreateTimer(static state => ((TwoLevelMetadataStore)state!).Maintain(), this, options.SweepInterval, options.SweepInterval);
        _warmUp = options.WarmsMemory ? new MemoryWarmUp(_memory, disk, _shadow, time) : null;
    }

    /// <inheritdoc/>
    public MetadataStoreStatistics Statistics => new(
        _disk.EstimatedEntries, _memory.Entries, _memory.Bytes, _counters.MemoryHits, _counters.DiskHits, _counters.Misses, _counters.WriteFailures);

    /// <summary>Waits until the memory level has been filled after the start, for tests and benchmarks.</summary>
    internal bool WaitForWarmUp(TimeSpan timeout) => _warmUp?.Wait(timeout) ?? true;

    /// <summary>Opens the store of one worker, setting a damaged directory aside.</summary>
    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.Configuration"/>: an option is out of range, or the directory is used by another worker, written by a newer Dora, or unusable.
    /// </exception>
    public static TwoLevelMetadataStore Open(MetadataStoreOptions options, TimeProvider time, ILogger logger)
    {
        options.Validate();
        var disk = new RocksMetadataStore(options, new MetadataExpiry(options, time), time, logger);
        return new TwoLevelMetadataStore(options, disk, time, logger);
    }

    /// <inheritdoc/>
    public FileMetadata? Get(FileId file) => Find(file, null);

    /// <inheritdoc/>
    public FileMetadata? Get(FileId file, string ufsPath) => Find(file, ufsPath);

    /// <inheritdoc/>
    public void Put(FileMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        lock (_memory.LockOf(metadata.Id))
        {
            WriteThrough(metadata.Id, metadata);
            _memory.Put(metadata, isUsed: true);
        }
    }

    /// <inheritdoc/>
    public FileMetadata PutUnlessNewer(FileMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        FileId file = metadata.Id;
        lock (_memory.LockOf(file))
        {
            FileMetadata? known = Known(metadata);
            if (known is not null && IsNewer(known, metadata))
            {
                return known;
            }

            WriteThrough(file, metadata);
            _memory.Put(metadata, isUsed: true);
            return metadata;
        }
    }

    /// <inheritdoc/>
    public void PutUnlessNewer(IReadOnlyList<FileMetadata> entries, ICollection<FileMetadata>? changed)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (FileMetadata[] batch in entries.Chunk(MetadataBatch.MaxEntries))
        {
            var locks = MetadataBatch.Lock(_memory, batch);
            try
            {
                PutBatch(batch, changed);
            }
            finally
            {
                MetadataBatch.Unlock(locks);
            }
        }
    }

    /// <inheritdoc/>
    public bool Remove(FileId file)
    {
        lock (_memory.LockOf(file))
        {
            bool found = _memory.Remove(file) || GetFromDisk(file) is not null;
            WriteThrough(file, null);
            return found;
        }
    }

    /// <inheritdoc/>
    public void RemoveNegative(string ufsPath) => _memory.RemoveNegative(ufsPath, _time.GetUtcNow());

    /// <inheritdoc/>
    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(ufsPath);
        string below = ufsPath.TrimEnd('/') + "/";

        // What the disk refused is known here alone. It is bounded, so a copy of the part asked for is too.
        List<FileMetadata> refused =
            [.. _shadow.Known.Where(m => (m.UfsPath == ufsPath || m.UfsPath.StartsWith(below, StringComparison.Ordinal)) && _expiry.IsLive(m))];
        refused.Sort(static (x, y) => Utf8Order.Instance.Compare(x.UfsPath, y.UfsPath));
        return Merge(refused, _disk.ScanUnder(ufsPath).Where(m => !_shadow.Covers(m.Id)));
    }

    /// <inheritdoc/>
    /// <remarks>What the disk refused is left out: it is known in memory alone, and not for long.</remarks>
    public bool ReadOn(ref FileId from, int limit, Func<FileId, bool> isWanted, ICollection<FileMetadata> found) =>
        _disk.ReadOn(ref from, limit, file => isWanted(file) && !_shadow.Covers(file), found);

    /// <summary>Repairs what the disk still can be, then closes it as soon as the running enumerations have ended.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _warmUp?.Dispose();
        Maintain();
        _disk.Dispose();
        _memory.Dispose();
    }

    private static IEnumerable<FileMetadata> Merge(List<FileMetadata> refused, IEnumerable<FileMetadata> disk)
    {
        int next = 0;
        foreach (FileMetadata stored in disk)
        {
            while (next < refused.Count && Utf8Order.Instance.Compare(refused[next].UfsPath, stored.UfsPath) <= 0)
            {
                yield return refused[next++];
            }

            yield return stored;
        }

        while (next < refused.Count)
        {
            yield return refused[next++];
        }
    }

    private FileMetadata? Find(FileId file, string? ufsPath)
    {
        if (_memory.GetRecent(file) is { } recent)
        {
            _counters.MemoryHit();
            return recent;
        }

        lock (_memory.LockOf(file))
        {
            FileMetadata? metadata = ufsPath is null ? _memory.GetRecent(file) : _memory.Get(file, ufsPath);
            if (metadata is not null)
            {
                _counters.MemoryHit();
                return metadata;
            }

            // Without its path, a packed entry that disk does not know (a negative one) is no use: to such callers the file is unknown.
            metadata = GetFromDisk(file);
            if (metadata is null)
            {
                _counters.Miss();
                return null;
            }

            _counters.DiskHit();
            _memory.Put(metadata, isUsed: true);
            return metadata;
        }
    }

    /// <summary>A stamp from the future comes from before the clock was set back, or from another worker's clock: it says nothing about which is newer, and the answer at hand counts.</summary>
    private bool IsNewer(FileMetadata known, FileMetadata answer) => known.LoadedAt > answer.LoadedAt && known.LoadedAt <= _time.GetUtcNow();

    /// <summary>What is known of a file that an answer has come for. Memory keeps whole seconds; where less decides which one is newer, the disk knows.</summary>
    private FileMetadata? Known(FileMetadata answer)
    {
        FileMetadata? known = _memory.GetRecent(answer.Id) ?? _memory.Get(answer.Id, answer.UfsPath);
        return known is not null && !PackedMetadata.MayBeNewer(known, answer.LoadedAt) ? known : GetFromDisk(answer.Id) ?? known;
    }

    private FileMetadata? GetFromDisk(FileId file) =>
        _shadow.TryGet(file, out FileMetadata? refused) ? (refused is not null && _expiry.IsLive(refused) ? refused : null) : _disk.Get(file);

    /// <summary>Under the locks of all its files.</summary>
    private void PutBatch(FileMetadata[] batch, ICollection<FileMetadata>? changed)
    {
        List<FileMetadata> wanted = new(batch.Length);
        foreach (FileMetadata metadata in batch)
        {
            FileMetadata? known = Known(metadata);
            if (known is not null && IsNewer(known, metadata))
            {
                continue;
            }

            wanted.Add(metadata);
            if (known is not null && (known.Kind != metadata.Kind || known.Version != metadata.Version))
            {
                changed?.Add(metadata);
            }
        }

        bool isWritten = !_shadow.HasOverflowed && wanted.TrueForAll(IsKeptOnDisk) && _disk.TryPutMany(wanted) is null;
        foreach (FileMetadata metadata in wanted)
        {
            if (isWritten)
            {
                _shadow.Remove(metadata.Id);
            }
            else
            {
                WriteThrough(metadata.Id, metadata); // one by one: what the disk refuses is noted for each file
            }

            _memory.NoteChange(metadata.Id);
            _memory.Put(metadata, isUsed: false);
        }
    }

    private static bool IsKeptOnDisk(FileMetadata metadata) => metadata.Kind != FileKind.Missing && MetadataRecord.SizeOf(metadata) > 0;

    /// <summary>Under the file's lock. Null, a negative entry or a path too long for a record: the disk must not hold the file.</summary>
    private void WriteThrough(FileId file, FileMetadata? metadata)
    {
        if (_shadow.HasOverflowed)
        {
            return;
        }

        FileMetadata? kept = metadata is not null && IsKeptOnDisk(metadata) ? metadata : null;
        string? refusal = kept is not null ? _disk.TryPut(kept) : _disk.TryRemove(file);
        _memory.NoteChange(file);
        if (refusal is null)
        {
            _shadow.Remove(file);
            return;
        }

        _counters.WriteFailure();
        if (Interlocked.Exchange(ref _refusing, 1) == 0)
        {
            MetadataLog.WritesRefused(_logger, _options.Directory, refusal);
        }

        if (_shadow.Add(file, kept))
        {
            MetadataLog.DiskDistrusted(_logger, _options.Directory);
            _disk.MarkForRebuild();
        }
    }

    private void Maintain()
    {
        if (!_maintenance.TryEnter())
        {
            return; // the last round is still running
        }

        try
        {
            Repair();
            Sweep();
            KeepBudget();
        }
        catch (ObjectDisposedException)
        {
            // The store was closed under a late timer tick: nothing is left to maintain.
        }
        finally
        {
            _maintenance.Exit();
        }
    }

    private void Repair()
    {
        foreach (FileId file in _shadow.ToArray())
        {
            lock (_memory.LockOf(file))
            {
                if (!_shadow.Covers(file))
                {
                    continue; // a later change reached the disk
                }

                _shadow.TryGet(file, out FileMetadata? known);
                WriteThrough(file, known is not null && _expiry.IsLive(known) ? known : null);
                if (_shadow.Covers(file))
                {
                    return; // still refusing: the others wait for the next round
                }
            }
        }

        if (!_shadow.HasOverflowed && Interlocked.Exchange(ref _refusing, 0) == 1)
        {
            MetadataLog.WritesTakenAgain(_logger, _options.Directory);
        }
    }

    /// <summary>Indexes and filters have grown with the files: entries in memory make room. Small changes are left alone, for they cost a copy.</summary>
    private void KeepBudget()
    {
        long bytes = _disk.TableMemoryBytes;
        if (Math.Abs(bytes - _tableBytes) > _options.MemoryBudgetBytes / 32)
        {
            _tableBytes = bytes;
            _memory.Resize(_options.MemoryLevelBytes(bytes));
        }
    }

    private void Sweep()
    {
        foreach (FileId file in _disk.FindExpired(ref _sweepFrom, SweepEntries))
        {
            lock (_memory.LockOf(file))
            {
                // Looked at again under the lock: it may have been loaded anew since. A refusal is no news, the entry stays dead on disk.
                if (_disk.Get(file) is null)
                {
                    _disk.TryRemove(file);
                }
            }
        }
    }
}
