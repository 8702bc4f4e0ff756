namespace Orleans.Runtime;

/// <summary>The local activations of one stateless worker grain: an idle one takes the call, else a new one, else the least busy.</summary>
internal sealed class StatelessWorkers(int maxLocal, Func<Activation> create)
{
    private readonly Lock _lock = new();
    private readonly List<Activation> _workers = [];

    public IReadOnlyList<Activation> All
    {
        get
        {
            lock (_lock)
                return [.. _workers];
        }
    }

    public void Deliver(Message message)
    {
        while (!Choose(message).TryReceive(message))
        {
            // It left meanwhile: choose again.
        }
    }

    public void Remove(Activation worker)
    {
        lock (_lock)
            _workers.Remove(worker);
    }

    private Activation Choose(Message message)
    {
        lock (_lock)
        {
            _workers.RemoveAll(worker => worker.IsGone);
            var best = _workers.MinBy(worker => worker.CallCount);
            if (best is not null && (best.CallCount == 0 || _workers.Count >= maxLocal))
                return best;
            var worker = create();
            _workers.Add(worker);
            worker.Start(message.Context, null);
            return worker;
        }
    }
}
