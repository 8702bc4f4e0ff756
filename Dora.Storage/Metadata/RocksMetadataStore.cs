using System.Text;
using Microsoft.Extensions.Logging;
using RocksDbSharp;

namespace Dora.Storage.Metadata;

/// <summary>
/// The lower level, in RocksDB. Two families change together in one batch: <c>files</c> holds the record by file id; <c>paths</c> holds the loading time by UFS path.
/// File ids are hashes, so a directory's files lie scattered in <c>files</c>; <c>paths</c> keeps them together, and what lies below <c>P</c> is the one key range
/// from <c>P/</c> up to, not including, <c>P0</c> ('0' follows '/' in UTF-8). The id of a path found there is computed, not stored.
/// Writes go to the log without a sync: a killed process loses nothing, a power cut may lose the last seconds, which are asked for again.
/// </summary>
internal sealed class RocksMetadataStore : IMetadataDisk
{
    private readonly string _directory;
    private readonly MetadataExpiry _expiry;
    private readonly ILogger _logger;
    private readonly RocksDb _db;
    private readonly ColumnFamilyHandle _files;
    private readonly ColumnFamilyHandle _paths;
    private readonly ReadOptions _sweepReads = new ReadOptions().SetFillCache(false);
    private readonly MetadataDirectory _opened;
    private readonly ReadOptions _pointReads = new ReadOptions().SetFillCache(false); // the operating system caches the tables already
    private readonly CallGate _gate;
    private int _damaged;

    /// <exception cref="DoraException">See <see cref="MetadataDirectory.Open"/>.</exception>
    public RocksMetadataStore(MetadataStoreOptions options, MetadataExpiry expiry, TimeProvider time, ILogger logger)
    {
        _directory = options.Directory;
        _expiry = expiry;
        _logger = logger;
        _opened = new MetadataDirectory(options, time, logger);
        try
        {
            _db = _opened.Open();
        }
        catch
        {
            _opened.Dispose();
            throw;
        }

        _files = _db.GetColumnFamily(MetadataDirectory.Files);
        _paths = _db.GetColumnFamily(MetadataDirectory.Paths);
        _gate = new CallGate(nameof(RocksMetadataStore), Close);
    }

    public long EstimatedEntries
    {
        get
        {
            using CallGate.Pass pass = _gate.Enter();
            return long.TryParse(_db.GetProperty("rocksdb.estimate-num-keys", _files), out long entries) ? entries : 0;
        }
    }

    /// <summary>Memory of the tables' indexes and filters. Tables are opened when they are used first, so after a start it is what they will take: 1.75 bytes a file.</summary>
    public long TableMemoryBytes
    {
        get
        {
            using CallGate.Pass pass = _gate.Enter();
            long now = new[] { _files, _paths }.Sum(f => long.TryParse(_db.GetProperty("rocksdb.estimate-table-readers-mem", f), out long bytes) ? bytes : 0);
            return Math.Max(now, EstimatedEntries / 4 * 7);
        }
    }

    public FileMetadata? Get(FileId file)
    {
        using CallGate.Pass pass = _gate.Enter();
        return GetLive(file, _pointReads);
    }

    public string? TryPut(FileMetadata metadata)
    {
        using CallGate.Pass pass = _gate.Enter();
        using var batch = new WriteBatch();
        return Add(batch, metadata) ?? Write(batch);
    }

    public string? TryPutMany(IEnumerable<FileMetadata> entries)
    {
        using CallGate.Pass pass = _gate.Enter();
        using var batch = new WriteBatch();
        foreach (FileMetadata metadata in entries)
        {
            if (Add(batch, metadata) is { } refusal)
            {
                return refusal;
            }
        }

        return Write(batch);
    }

    public string? TryRemove(FileId file)
    {
        Span<byte> key = stackalloc byte[FileId.Size];
        file.Write(key);
        using CallGate.Pass pass = _gate.Enter();
        using var batch = new WriteBatch();
        batch.Delete(key, _files);
        try
        {
            byte[]? record = _db.Get(key, _files, _pointReads);
            if (record is null)
            {
                return null;
            }

            if (MetadataRecord.TryReadStamp(record, out _, out _) && MetadataRecord.TryReadPath(record, out ReadOnlySpan<byte> path))
            {
                batch.Delete(path, _paths);
            }
        }
        catch (RocksDbException e)
        {
            NoteDamage(e); // the path key stays behind and finds no record
        }

        return Write(batch);
    }

    public IEnumerable<FileMetadata> ScanUnder(string ufsPath)
    {
        using CallGate.Pass pass = _gate.Enter();
        using Snapshot snapshot = _db.CreateSnapshot();
        byte[] first = Encoding.UTF8.GetBytes(ufsPath.TrimEnd('/') + "/");
        byte[] end = [.. first.AsSpan(0, first.Length - 1), (byte)'0'];
        ReadOptions reads = new ReadOptions().SetSnapshot(snapshot).SetFillCache(false);
        ReadOptions range = new ReadOptions().SetSnapshot(snapshot).SetFillCache(false).SetIterateLowerBound(first).SetIterateUpperBound(end);

        // The path itself sorts before the range, unless it ends in a slash: then it is the range's first key.
        if (!ufsPath.EndsWith('/') && GetLive(FileId.FromUfsPath(ufsPath), reads) is { } self)
        {
            yield return self;
        }

        using Iterator iterator = _db.NewIterator(_paths, range); // keeps the options, which hold the bounds
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
        {
            FileId file = FileId.FromUfsPath(Encoding.UTF8.GetString(iterator.GetKeySpan()));
            if (GetLive(file, reads) is { } below)
            {
                yield return below;
            }
        }

        NoteDamage(iterator);
    }

    public IReadOnlyList<FileId> FindExpired(ref FileId from, int limit)
    {
        Span<byte> key = stackalloc byte[FileId.Size];
        from.Write(key);
        from = default;
        List<FileId> expired = [];
        using CallGate.Pass pass = _gate.Enter();
        using Iterator iterator = _db.NewIterator(_files, _sweepReads);
        iterator.Seek(key);
        for (int looked = 0; iterator.Valid(); iterator.Next(), looked++)
        {
            FileId file = FileId.Read(iterator.GetKeySpan());
            if (looked == limit)
            {
                from = file;
                break;
            }

            if (!MetadataRecord.TryReadStamp(iterator.GetValueSpan(), out FileKind kind, out DateTimeOffset loadedAt) || !_expiry.IsLive(kind, loadedAt))
            {
                expired.Add(file);
            }
        }

        NoteDamage(iterator);
        return expired;
    }

    public bool ReadOn(ref FileId from, int limit, List<StoredMetadata> records)
    {
        Span<byte> key = stackalloc byte[FileId.Size];
        from.Write(key);
        using CallGate.Pass pass = _gate.Enter();
        using Iterator iterator = _db.NewIterator(_files, _sweepReads);
        iterator.Seek(key);
        for (int looked = 0; iterator.Valid(); iterator.Next(), looked++)
        {
            var file = FileId.Read(iterator.GetKeySpan());
            if (looked == limit)
            {
                from = file;
                return true;
            }

            if (MetadataRecord.TryRead(file, iterator.GetValueSpan(), out StoredMetadata record) && _expiry.IsLive(record.Kind, record.LoadedAt))
            {
                records.Add(record);
            }
        }

        NoteDamage(iterator);
        return false;
    }

    public bool ReadOn(ref FileId from, int limit, Func<FileId, bool> isWanted, ICollection<FileMetadata> found)
    {
        Span<byte> key = stackalloc byte[FileId.Size];
        from.Write(key);
        using CallGate.Pass pass = _gate.Enter();
        using Iterator iterator = _db.NewIterator(_files, _sweepReads);
        iterator.Seek(key);
        for (int looked = 0; iterator.Valid(); iterator.Next(), looked++)
        {
            var file = FileId.Read(iterator.GetKeySpan());
            if (looked == limit)
            {
                from = file;
                return true;
            }

            if (isWanted(file) && MetadataRecord.Read(file, iterator.GetValueSpan()) is { } metadata && _expiry.IsLive(metadata))
            {
                found.Add(metadata);
            }
        }

        NoteDamage(iterator);
        return false;
    }

    /// <summary>Rewrites everything without what has ended or was replaced. Takes as long as that takes.</summary>
    public void Compact()
    {
        using CallGate.Pass pass = _gate.Enter();
        _db.CompactRange((byte[]?)null, null, _files);
        _db.CompactRange((byte[]?)null, null, _paths);
    }

    /// <summary>Makes the next start rebuild the directory. The present run goes on with what is readable.</summary>
    public void MarkForRebuild()
    {
        try
        {
            File.WriteAllBytes(Path.Combine(_directory, MetadataDirectory.DamagedMarker), []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk that has just failed may refuse this too. Then the next start meets the damage by itself, at the latest when it reads it.
        }
    }

    /// <summary>Closes once running calls and enumerations have ended.</summary>
    public void Dispose() => _ = _gate.CloseAsync(); // running calls end first, the last of them closes

    private void Close()
    {
        _db.Dispose();
        _opened.Dispose();
    }

    private FileMetadata? GetLive(FileId file, ReadOptions reads)
    {
        Span<byte> key = stackalloc byte[FileId.Size];
        file.Write(key);
        try
        {
            FileMetadata? metadata = _db.Get(key, new Decoder(file), _files, reads);
            return metadata is not null && _expiry.IsLive(metadata) ? metadata : null;
        }
        catch (RocksDbException e)
        {
            NoteDamage(e);
            return null;
        }
    }

    private string? Add(WriteBatch batch, FileMetadata metadata)
    {
        int size = MetadataRecord.SizeOf(metadata);
        if (size < 0)
        {
            return $"a path longer than {MetadataRecord.MaxPathBytes} bytes";
        }

        Span<byte> record = size <= 1024 ? stackalloc byte[size] : new byte[size];
        ReadOnlySpan<byte> path = MetadataRecord.Write(metadata, record);
        Span<byte> key = stackalloc byte[FileId.Size];
        metadata.Id.Write(key);
        Span<byte> stamp = stackalloc byte[ExpiredEntryFilter.PathStampSize];
        ExpiredEntryFilter.WritePathStamp(metadata.LoadedAt, stamp);
        batch.Put(key, record, _files);
        batch.Put(path, stamp, _paths);
        return null;
    }

    private string? Write(WriteBatch batch)
    {
        try
        {
            _db.Write(batch);
            return null;
        }
        catch (RocksDbException e)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    private void NoteDamage(Iterator iterator)
    {
        try
        {
            Native.Instance.rocksdb_iter_get_error(iterator.Handle);
        }
        catch (RocksDbException e)
        {
            NoteDamage(e);
        }
    }

    private void NoteDamage(RocksDbException e)
    {
        if (Interlocked.Exchange(ref _damaged, 1) == 0)
        {
            MetadataLog.BlockDamaged(_logger, _directory, e.Message.ReplaceLineEndings(" "));
            MarkForRebuild();
        }
    }

    private sealed class Decoder(FileId file) : ISpanDeserializer<FileMetadata?>
    {
        public FileMetadata? Deserialize(ReadOnlySpan<byte> buffer) => MetadataRecord.Read(file, buffer);
    }
}
