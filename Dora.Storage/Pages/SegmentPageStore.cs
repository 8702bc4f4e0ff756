using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Storage.Pages;

/// <summary>
/// Pages in append-only segment files with an index in memory (docs/page-store.md). Reads take no lock and go straight from the system's page cache to
/// the caller; they complete before the call returns, and so do writes: callers that must not wait for a disk call from a thread that may.
/// </summary>
public sealed class SegmentPageStore : IPageStore
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PageIndex _index = new();
    private readonly PageStoreOptions _options;
    private readonly IPageDevice _device;
    private readonly ILogger _logger;
    private readonly PageDirectory _directory;
    private readonly SegmentLog _log;
    private readonly WriteFailures _failures;
    private long _hits;
    private long _misses;
    private long _damaged;
    private int _writing;
    private bool _disposed;

    private SegmentPageStore(PageStoreOptions options, TimeProvider time, ILogger logger, IPageDevice device, PageDirectory directory)
    {
        (_options, _device, _logger, _directory) = (options, device, logger, directory);
        _log = new SegmentLog(directory, device, _index, options.CapacityBytes, options.EffectiveSegmentBytes);
        _failures = new WriteFailures(options, time, logger);
    }

    /// <inheritdoc/>
    public PageStoreStatistics Statistics => new(
        _index.PageCount,
        _log.Bytes,
        _options.CapacityBytes,
        Interlocked.Read(ref _hits),
        Interlocked.Read(ref _misses),
        _log.Evicted,
        Interlocked.Read(ref _damaged),
        _failures.Count);

    /// <summary>Opens a directory: locks it, reads the headers of what is there, and drops what does not fit under the cap.</summary>
    /// <param name="options">Where and how much.</param>
    /// <param name="time">The clock for pauses between failing writes.</param>
    /// <param name="logger">Where the store speaks; nowhere when <see langword="null"/>.</param>
    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.Configuration"/>: a wrong option, a directory that cannot be used, is in use, or was written by a newer Dora.
    /// </exception>
    public static SegmentPageStore Open(PageStoreOptions options, TimeProvider time, ILogger<SegmentPageStore>? logger = null) =>
        Open(options, time, logger ?? NullLogger<SegmentPageStore>.Instance, new FilePageDevice());

    internal static SegmentPageStore Open(PageStoreOptions options, TimeProvider time, ILogger logger, IPageDevice device)
    {
        options.Validate();
        var directory = PageDirectory.Open(options.Directory);
        SegmentPageStore? store = null;
        try
        {
            store = new SegmentPageStore(options, time, logger, device, directory);
            store.Recover();
            return store;
        }
        catch (Exception e)
        {
            store?._log.Close();
            directory.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new DoraException(DoraErrorCode.Configuration, $"page directory '{options.Directory}' cannot be used: {e.Message}", e);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(PageKey page, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        int read = Read(page, offset, destination.Span);
        Interlocked.Increment(ref read == destination.Length ? ref _hits : ref _misses);
        return new ValueTask<int>(read);
    }

    /// <inheritdoc/>
    public bool TryLease(PageKey page, int offset, int length, out PageLease lease)
    {
        lease = default;
        if (length <= 0 || _index.Find(page) is not { } records || PageIndex.At(records, offset) is not { } record
            || record.End - offset < length || !record.Segment.TryAcquire())
        {
            return false;
        }

        if (!TryVerify(record, offset - record.Offset, length))
        {
            record.Segment.Release();
            return false;
        }

        Interlocked.Increment(ref _hits);
        lease = new PageLease(record.Segment, record.Segment.File, record.PayloadPosition + offset - record.Offset, length);
        return true;
    }

    /// <inheritdoc/>
    public int Probe(PageKey page, int offset, int length) => _index.Covered(page, offset, length);

    /// <inheritdoc/>
    public ValueTask<PutOutcome> PutAsync(PageKey page, int offset, ReadOnlyMemory<byte> data, PagePlacement placement, CancellationToken cancellationToken)
    {
        if (!RecordHeader.IsExtent(offset, data.Length))
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"bytes [{offset},{(long)offset + data.Length}) are no extent on the {PageGeometry.ExtentGrid}-byte grid");
        }

        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<PutOutcome>(cancellationToken)
            : new ValueTask<PutOutcome>(
                _index.Covered(page, offset, data.Length) == data.Length ? PutOutcome.AlreadyStored
                : _failures.IsPaused() ? PutOutcome.Failed
                : Put(page, offset, data.Span));
    }

    /// <inheritdoc/>
    public ValueTask<long> RemoveAsync(FileId file, FileVersion keep, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<long>(cancellationToken);
        }

        var removed = new List<PageRecord>();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _index.RemoveFile(file, keep, removed);
            RetireEmpty();
            _writing++;
        }

        removed.ForEach(MarkDead);
        lock (_gate)
        {
            EndWrite();
        }

        return new ValueTask<long>(removed.Sum(static r => (long)r.RecordSize));
    }

    /// <inheritdoc/>
    public ValueTask<long> RemovePageAsync(PageKey page, CancellationToken cancellationToken)
    {
        long freed = 0;
        lock (_gate)
        {
            foreach (PageRecord record in _index.Find(page) ?? [])
            {
                freed += record.RecordSize;
                _index.Remove(record);
                MarkDead(record);
            }

            RetireEmpty();
        }

        return new ValueTask<long>(freed);
    }

    /// <inheritdoc/>
    public ValueTask<long> RemoveMountAsync(ushort mount, CancellationToken cancellationToken) => new(0L);

    /// <inheritdoc/>
    public ValueTask<long> PinAsync(FileId file, bool pinned, CancellationToken cancellationToken) => new(0L);

    /// <inheritdoc/>
    public void SetMountRules(IReadOnlyDictionary<ushort, PageMountRule> rules, double pinnedShare) => ArgumentNullException.ThrowIfNull(rules);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            if (_writing == 0)
            {
                _drained.TrySetResult();
            }
        }

        // The lock file goes last: while a write of ours can still land, no other worker may open the directory.
        await _drained.Task.ConfigureAwait(false);
        lock (_gate)
        {
            _log.Close();
        }

        _directory.Dispose();
    }

    private void Recover()
    {
        var recovery = new SegmentRecovery(_directory, _device, _log, _index, _logger);
        recovery.Run();
        lock (_gate)
        {
            RetireEmpty();
            _log.MakeRoom(0);
        }

        _damaged = recovery.Damaged;
        _logger.Opened(_options.Directory, _index.PageCount, _log.Count, _log.Bytes, _options.CapacityBytes, recovery.Damaged);
    }

    private int Read(PageKey page, int offset, Span<byte> destination)
    {
        int total = 0;
        PageRecord[]? known = null;
        while (total < destination.Length)
        {
            PageRecord[]? records = _index.Find(page);
            if (records is null || PageIndex.At(records, offset + total) is not { } record)
            {
                break;
            }

            if (!record.Segment.TryAcquire())
            {
                // Evicted since it was looked up. The index forgets it in the same step, so a second look finds the truth.
                if (records == known)
                {
                    break;
                }

                known = records;
                continue;
            }

            int count = Math.Min(destination.Length - total, record.End - offset - total);
            total += TryReadAndRelease(record, offset + total - record.Offset, destination.Slice(total, count)) ? count : 0;
        }

        return total;
    }

    /// <summary>After <see langword="false"/> the record is out of the index: the caller looks again.</summary>
    private bool TryReadAndRelease(PageRecord record, int from, Span<byte> destination)
    {
        try
        {
            if (record.TryRead(_device, from, destination))
            {
                return true;
            }
        }
        catch (IOException)
        {
            // An unreadable sector is a damaged record like any other.
        }
        finally
        {
            record.Segment.Release();
        }

        DropDamaged(record);
        return false;
    }

    private bool TryVerify(PageRecord record, int from, int length)
    {
        try
        {
            if (record.TryVerify(_device, from, length))
            {
                return true;
            }
        }
        catch (IOException)
        {
            // An unreadable sector is a damaged record like any other.
        }

        DropDamaged(record);
        return false;
    }

    private void DropDamaged(PageRecord record)
    {
        lock (_gate)
        {
            if (record.IsDead)
            {
                return;
            }

            // Out of the index in any case, or the reader would find it again; the files are touched no more once the store is closing.
            _index.Remove(record);
            if (!_disposed)
            {
                MarkDead(record);
                RetireEmpty();
            }
        }

        Interlocked.Increment(ref _damaged);
        _logger.DamagedRecord(record.Segment.Path, record.Position);
    }

    private PutOutcome Put(PageKey page, int offset, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[RecordHeader.MaxHeadSize];
        Span<uint> blockCrcs = stackalloc uint[RecordHeader.MaxHeadSize / sizeof(uint)];
        var header = new RecordHeader(RecordKind.Extent, page, offset, data.Length, 0, 0);
        head = head[..header.HeadSize];
        header = header with { TableCrc = WriteTable(data, head[RecordHeader.Size..], blockCrcs) };

        PutOutcome outcome = BeginWrite(ref header, head, out Segment segment);
        if (outcome != PutOutcome.Stored)
        {
            return outcome;
        }

        bool written = TryWrite(segment, data, header.Position + header.HeadSize);
        outcome = written ? Publish(new PageRecord(segment, header, blockCrcs[..header.Blocks])) : Abandon(segment, header);
        segment.Release();
        return outcome;
    }

    /// <summary>
    /// Takes room and writes the head, so that a scan after a crash steps over this record to the ones that other writers finished behind it.
    /// </summary>
    private PutOutcome BeginWrite(ref RecordHeader header, Span<byte> head, out Segment segment)
    {
        segment = null!;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                if (!_log.TryReserve(header.RecordSize, out segment, out long position))
                {
                    return PutOutcome.Full;
                }

                header = header with { Position = position };
                header.Write(head);
                _device.Write(segment.File, head, position);
                _writing++;
                return PutOutcome.Stored;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _failures.Add(e);
                if (segment is not null)
                {
                    TryUnreserve(segment, header);
                    segment.Release();
                }

                return PutOutcome.Failed;
            }
        }
    }

    private bool TryWrite(Segment segment, ReadOnlySpan<byte> data, long position)
    {
        try
        {
            _device.Write(segment.File, data, position);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failures.Add(e);
            return false;
        }
    }

    private PutOutcome Publish(PageRecord record)
    {
        PutOutcome outcome = PutOutcome.Stored;
        lock (_gate)
        {
            if (_index.Covered(record.Page, record.Offset, record.Length) == record.Length)
            {
                // Somebody else stored the same bytes meanwhile.
                MarkDead(record);
                outcome = PutOutcome.AlreadyStored;
            }
            else
            {
                _index.Add(record);
                record.Segment.Records.Add(record);
                RetireEmpty();
            }

            EndWrite();
        }

        return outcome;
    }

    private PutOutcome Abandon(Segment segment, in RecordHeader header)
    {
        lock (_gate)
        {
            if (!TryUnreserve(segment, header))
            {
                MarkDead(segment, header);
            }

            EndWrite();
        }

        return PutOutcome.Failed;
    }

    private bool TryUnreserve(Segment segment, in RecordHeader header)
    {
        try
        {
            return _log.TryUnreserve(segment, header.Position, header.RecordSize);
        }
        catch (IOException)
        {
            // The room stays promised: bytes are counted that the disk may not hold, never the other way round.
            return false;
        }
    }

    private void EndWrite()
    {
        _writing--;
        if (_disposed && _writing == 0)
        {
            _drained.TrySetResult();
        }
    }

    private void RetireEmpty()
    {
        try
        {
            _log.RetireEmpty(_index.TakeEmptied());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The segment stays listed and counted; eviction tries again.
            _failures.Add(e);
        }
    }

    private void MarkDead(PageRecord record)
    {
        if (record.Segment.TryAcquire())
        {
            MarkDead(record.Segment, new RecordHeader(RecordKind.Dead, record.Page, record.Offset, record.Length, record.TableCrc, record.Position));
            record.Segment.Release();
        }
    }

    /// <summary>Makes the next start step over a record; only while <see cref="DisposeAsync"/> waits for writers. When this is lost the record comes back, with the right bytes of its version.</summary>
    private void MarkDead(Segment segment, in RecordHeader header)
    {
        Span<byte> head = stackalloc byte[RecordHeader.Size];
        (header with { Kind = RecordKind.Dead }).Write(head);
        try
        {
            _device.Write(segment.File, head, header.Position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failures.Add(e);
        }
    }

    private static uint WriteTable(ReadOnlySpan<byte> data, Span<byte> table, Span<uint> blockCrcs)
    {
        table.Clear();
        int blocks = 0;
        for (int from = 0; from < data.Length; from += PageGeometry.ExtentGrid, blocks++)
        {
            blockCrcs[blocks] = Crc32C.Compute(data.Slice(from, Math.Min(PageGeometry.ExtentGrid, data.Length - from)));
            BinaryPrimitives.WriteUInt32LittleEndian(table[(blocks * sizeof(uint))..], blockCrcs[blocks]);
        }

        return Crc32C.Compute(table[..(blocks * sizeof(uint))]);
    }
}
