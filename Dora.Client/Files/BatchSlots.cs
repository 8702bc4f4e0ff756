namespace Dora.Client.Files;

/// <summary>The objects of files on their way, of all batches of a client: a batch finds what the one before it left.</summary>
/// <param name="files">Reads one file.</param>
internal sealed class BatchSlots(SmallFileReads files)
{
    private const int MaxKept = 1024;

    private readonly Lock _lock = new();
    private readonly Stack<BatchSlot> _free = new();

    /// <summary>One that is not in use.</summary>
    public BatchSlot Rent()
    {
        lock (_lock)
        {
            if (_free.TryPop(out BatchSlot? slot))
            {
                return slot;
            }
        }

        return new BatchSlot(files);
    }

    /// <summary>Takes one back whose file has come.</summary>
    public void Return(BatchSlot slot)
    {
        lock (_lock)
        {
            if (_free.Count < MaxKept)
            {
                _free.Push(slot);
            }
        }
    }
}
