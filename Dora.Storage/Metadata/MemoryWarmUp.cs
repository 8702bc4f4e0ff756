namespace Dora.Storage.Metadata;

/// <summary>
/// After a start, reads the records in key order into the memory level, as long as there is room, so that soon nothing costs a disk lookup that memory could answer. It takes
/// at most two thirds of one core, holds a file's lock for no longer than a put does, and displaces nothing. Entries lie on disk by hash, so where only a part fits it is a fair sample.
/// </summary>
internal sealed class MemoryWarmUp : IDisposable
{
    /// <summary>Few, so that little changes between reading them and adding them.</summary>
    private const int Slice = 4096;

    private readonly MemoryMetadataCache _memory;
    private readonly IMetadataDisk _disk;
    private readonly DiskShadow _shadow;
    private readonly TimeProvider _time;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    public MemoryWarmUp(MemoryMetadataCache memory, IMetadataDisk disk, DiskShadow shadow, TimeProvider time)
    {
        (_memory, _disk, _shadow, _time) = (memory, disk, shadow, time);
        _thread = new Thread(Run) { IsBackground = true, Name = "metadata warm-up", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    /// <summary>Waits until everything that fits is in memory, for tests and benchmarks.</summary>
    public bool Wait(TimeSpan timeout) => _thread.Join(timeout);

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        FileId from = default;
        List<StoredMetadata> records = new(Slice);
        long[] changes = new long[_memory.Locks];
        bool hasMore = true;
        _memory.Expect(_disk.EstimatedEntries);
        while (hasMore && !_shadow.HasOverflowed)
        {
            long started = _time.GetTimestamp();
            records.Clear();
            _memory.ReadChanges(changes); // before the disk is read: a change that comes between the two is seen as one
            hasMore = _disk.ReadOn(ref from, Slice, records);
            hasMore &= Add(records, changes);
            if (_stop.Wait(_time.GetElapsedTime(started) / 2))
            {
                return;
            }
        }
    }

    /// <returns>Whether most of them found room.</returns>
    private bool Add(List<StoredMetadata> records, long[] changes)
    {
        int refused = 0;
        foreach (StoredMetadata record in records)
        {
            lock (_memory.LockOf(record.Id))
            {
                if (!_shadow.Covers(record.Id) && !_memory.TryAdd(record, changes[_memory.LockNumber(record.Id)]))
                {
                    refused++;
                }
            }
        }

        return refused <= records.Count / 2;
    }
}
