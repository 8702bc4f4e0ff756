using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>The requests of one connection that are being answered, by id, and the slots for the next ones.</summary>
/// <param name="execute">Answers a request.</param>
internal sealed class RequestTable(Func<RequestSlot, Task> execute)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, RequestSlot> _running = [];
    private readonly Stack<RequestSlot> _free = new();
    private bool _isClosed;

    /// <summary>Takes a slot for a request.</summary>
    /// <returns><see langword="null"/> when a request with this id is running.</returns>
    public RequestSlot? TryStart(ulong id)
    {
        lock (_lock)
        {
            if (_running.ContainsKey(id))
            {
                return null;
            }

            RequestSlot slot = _free.TryPop(out RequestSlot? reused) ? reused : new RequestSlot(execute);
            slot.Id = id;
            _running.Add(id, slot);
            if (_isClosed)
            {
                slot.IsCancelled = true;
                slot.Cancellation.Cancel();
            }

            return slot;
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Finish(RequestSlot slot)
    {
        lock (_lock)
        {
            _running.Remove(slot.Id);
            if (slot.IsCancelled || !slot.Cancellation.TryReset())
            {
                // Not disposed: somebody may be cancelling it right now, and without a timer it holds nothing.
                slot.Cancellation = new CancellationTokenSource();
                slot.IsCancelled = false;
            }

            _free.Push(slot);
        }
    }

    /// <summary>Cancels one request; unknown ids (answered already) are ignored.</summary>
    public void Cancel(ulong id)
    {
        CancellationTokenSource? cancellation = null;
        lock (_lock)
        {
            if (_running.TryGetValue(id, out RequestSlot? slot))
            {
                slot.IsCancelled = true;
                cancellation = slot.Cancellation;
            }
        }

        // Outside the lock: the continuation of what is cancelled may run right here.
        cancellation?.Cancel();
    }

    /// <summary>Cancels everything: the connection is gone.</summary>
    public void CancelAll()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        Cancel(static _ => true);
    }

    /// <summary>Cancels what waits for a change and would hold up who waits for the rest.</summary>
    public void EndWaits() => Cancel(static slot => slot.Opcode == PageChannelOpcode.View);

    private void Cancel(Func<RequestSlot, bool> isMeant)
    {
        List<CancellationTokenSource> cancellations = [];
        lock (_lock)
        {
            foreach (RequestSlot slot in _running.Values.Where(isMeant))
            {
                slot.IsCancelled = true;
                cancellations.Add(slot.Cancellation);
            }
        }

        cancellations.ForEach(static c => c.Cancel());
    }
}
