namespace Dora.Storage.Metadata;

/// <summary>Counters since start.</summary>
internal sealed class StoreCounters
{
    private long _memoryHits;
    private long _diskHits;
    private long _misses;
    private long _writeFailures;

    public long MemoryHits => Interlocked.Read(ref _memoryHits);

    public long DiskHits => Interlocked.Read(ref _diskHits);

    public long Misses => Interlocked.Read(ref _misses);

    public long WriteFailures => Interlocked.Read(ref _writeFailures);

    public void MemoryHit() => Interlocked.Increment(ref _memoryHits);

    public void DiskHit() => Interlocked.Increment(ref _diskHits);

    public void Miss() => Interlocked.Increment(ref _misses);

    public void WriteFailure() => Interlocked.Increment(ref _writeFailures);
}
