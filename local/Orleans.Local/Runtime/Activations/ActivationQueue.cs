namespace Orleans.Runtime;

/// <summary>Decides which waiting work of an activation may start: turn by turn, unless interleaving is allowed. Not thread-safe.</summary>
internal sealed class ActivationQueue(bool isReentrant)
{
    private readonly LinkedList<ActivationWork> _waiting = new();
    private readonly List<ActivationWork> _running = [];
    private readonly Dictionary<Guid, int> _openChains = [];

    public int WaitingCount => _waiting.Count;

    public int RunningCount => _running.Count;

    public IEnumerable<ActivationWork> All => _running.Concat(_waiting);

    public void Add(ActivationWork work) => _waiting.AddLast(work);

    public bool Remove(ActivationWork work) => _waiting.Remove(work);

    /// <summary>Takes the next work that may start now; null when all must wait.</summary>
    public ActivationWork? TakeStartable()
    {
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (!MayStart(node.Value))
                continue;
            _waiting.Remove(node);
            _running.Add(node.Value);
            return node.Value;
        }

        return null;
    }

    public void Finished(ActivationWork work) => _running.Remove(work);

    public void OpenChain(Guid chain) => _openChains[chain] = _openChains.GetValueOrDefault(chain) + 1;

    public void CloseChain(Guid chain)
    {
        if (_openChains.TryGetValue(chain, out var count) && count > 1)
            _openChains[chain] = count - 1;
        else
            _openChains.Remove(chain);
    }

    public List<ActivationWork> TakeAllWaiting()
    {
        var all = _waiting.ToList();
        _waiting.Clear();
        return all;
    }

    // Work that interleaves with everything never holds others up.
    private bool MayStart(ActivationWork work)
    {
        if (_running.Count == 0 || isReentrant || work.AlwaysInterleave)
            return true;
        if (work.Chain is var chain && chain != Guid.Empty && _openChains.ContainsKey(chain))
            return true;
        foreach (var running in _running)
        {
            if (!running.AlwaysInterleave && !(running.ReadOnly && work.ReadOnly))
                return false;
        }

        return true;
    }
}
