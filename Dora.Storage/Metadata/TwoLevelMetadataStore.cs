using Microsoft.Extensions.Logging;

namespace Dora.Storage.Metadata;

/// <summary>
/// Memory over RocksDB. A lookup that memory answers takes no lock. Everything else about one file happens under the file's stripe of locks, so that what a
/// slow disk read brings up can never replace, or bring back, what was changed meanwhile.
/// Negative entries stay in memory: they live for seconds, and a program that probes for thousands of absent files must not make the disk write.
/// A disk that refuses writes (full) makes the store a memory-only one for the entries concerned, and changes no answer.
/// </summary>
public sealed class TwoLevelMetadataStore : IMetadataStore
{
    private const int Stripes = 64;
    private const int ShadowCapacity = 65_536;
    private const int SweepEntries = 50_000;

    private readonly MetadataStoreOptions _options;
    private readonly IMetadataDisk _disk;
    private readonly MemoryMetadataCache _memory;
    private readonly DiskShadow _shadow;
    private readonly ILogger _logger;
    private readonly Lock[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];
    private readonly Lock _maintenance = new();
    private readonly ITimer _timer;
    private FileId _sweepFrom;
    private long _memoryHits;
    private long _diskHits;
    private long _misses;
    private long _writeFailures;
    private int _refusing;

    internal TwoLevelMetadataStore(MetadataStoreOptions options, IMetadataDisk disk, TimeProvider time, ILogger logger, int shadowCapacity = ShadowCapacity)
    {
        _options = options;
        _disk = disk;
        _logger = logger;
        _memory = new MemoryMetadataCache(options.MemoryEntries, options.MemoryBytes, new MetadataExpiry(options, time));
        _shadow = new DiskShadow(shadowCapacity);
        _timer = time.CreateTimer(static state => ((TwoLevelMetadataStore)state!).Maintain(), this, options.SweepInterval, options.SweepInterval);
    }

    /// <inheritdoc/>
    public MetadataStoreStatistics Statistics => new(
        _disk.EstimatedEntries,
        _memory.Entries,
        _memory.Bytes,
        Interlocked.Read(ref _memoryHits),
        Interlocked.Read(ref _diskHits),
        Interlocked.Read(ref _misses),
        Interlocked.Read(ref _writeFailures));

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
    public FileMetadata? Get(FileId file)
    {
        if (_memory.Get(file) is { } hit)
        {
            Interlocked.Increment(ref _memoryHits);
            return hit;
        }

        lock (Stripe(file))
        {
            FileMetadata? metadata = _memory.Get(file);
            if (metadata is not null)
            {
                Interlocked.Increment(ref _memoryHits);
                return metadata;
            }

            metadata = GetFromDisk(file);
            if (metadata is null)
            {
                Interlocked.Increment(ref _misses);
                return null;
            }

            Interlocked.Increment(ref _diskHits);
            _memory.Put(metadata);
            return metadata;
        }
    }

    /// <inheritdoc/>
    public void Put(FileMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        lock (Stripe(metadata.Id))
        {
            WriteThrough(metadata.Id, metadata);
            _memory.Put(metadata);
        }
    }

    /// <inheritdoc/>
    public bool Remove(FileId file)
    {
        lock (Stripe(file))
        {
            bool found = _memory.Remove(file) || GetFromDisk(file) is not null;
            WriteThrough(file, null);
            return found;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(ufsPath);
        string below = ufsPath.TrimEnd('/') + "/";

        // Memory knows what the disk does not: negative entries, and what the disk refused. It is bounded, so a copy of the part asked for is too.
        List<FileMetadata> memory = [.. _memory.Where(m => m.UfsPath == ufsPath || m.UfsPath.StartsWith(below, StringComparison.Ordinal))];
        memory.Sort(static (x, y) => Utf8Order.Instance.Compare(x.UfsPath, y.UfsPath));
        return Merge(memory, _disk.ScanUnder(ufsPath).Where(m => !_shadow.Covers(m.Id)));
    }

    /// <summary>Repairs what the disk still can be, then closes it as soon as the running enumerations have ended.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Maintain();
        _disk.Dispose();
    }

    private static IEnumerable<FileMetadata> Merge(List<FileMetadata> memory, IEnumerable<FileMetadata> disk)
    {
        int next = 0;
        foreach (FileMetadata stored in disk)
        {
            int order = 1;
            while (next < memory.Count && (order = Utf8Order.Instance.Compare(memory[next].UfsPath, stored.UfsPath)) < 0)
            {
                yield return memory[next++];
            }

            // On both levels: memory is the newer one, and comes in the next round.
            if (next == memory.Count || order != 0)
            {
                yield return stored;
            }
        }

        while (next < memory.Count)
        {
            yield return memory[next++];
        }
    }

    private Lock Stripe(FileId file) => _stripes[(int)(file.Low % Stripes)];

    private FileMetadata? GetFromDisk(FileId file) => _shadow.Covers(file) ? null : _disk.Get(file);

    /// <summary>Under the file's stripe. Null, a negative entry or a path too long for a record: the disk must not hold the file.</summary>
    private void WriteThrough(FileId file, FileMetadata? metadata)
    {
        if (_shadow.HasOverflowed)
        {
            return;
        }

        bool keep = metadata is { Kind: not FileKind.Missing } && MetadataRecord.SizeOf(metadata) > 0;
        string? refusal = keep ? _disk.TryPut(metadata!) : _disk.TryRemove(file);
        if (refusal is null)
        {
            _shadow.Remove(file);
            return;
        }

        Interlocked.Increment(ref _writeFailures);
        if (Interlocked.Exchange(ref _refusing, 1) == 0)
        {
            MetadataLog.WritesRefused(_logger, _options.Directory, refusal);
        }

        if (_shadow.Add(file))
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
            lock (Stripe(file))
            {
                if (!_shadow.Covers(file))
                {
                    continue; // a later change reached the disk
                }

                WriteThrough(file, _memory.Get(file));
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

    private void Sweep()
    {
        foreach (FileId file in _disk.FindExpired(ref _sweepFrom, SweepEntries))
        {
            lock (Stripe(file))
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
