namespace Dora.Storage.Metadata;

/// <summary>The locks of many files. Always taken in the same order, so that two batches cannot wait for each other; whoever takes one lock only cannot either.</summary>
internal static class MetadataBatch
{
    /// <summary>Enough to make one large write of many small ones, few enough that others wait for their locks for milliseconds only.</summary>
    public const int MaxEntries = 256;

    public static List<Lock> Lock(MemoryMetadataCache memory, FileMetadata[] batch)
    {
        List<Lock> taken = new(batch.Length);
        int last = -1;
        foreach (FileMetadata metadata in batch.OrderBy(m => memory.LockNumber(m.Id)))
        {
            int stripe = memory.LockNumber(metadata.Id);
            if (stripe == last)
            {
                continue;
            }

            Lock next = memory.LockOf(metadata.Id);
            next.Enter();
            taken.Add(next);
            last = stripe;
        }

        return taken;
    }

    public static void Unlock(List<Lock> locks)
    {
        foreach (Lock taken in locks)
        {
            taken.Exit();
        }
    }
}
