namespace Dora.Benchmarks.Pages.Policies;

/// <summary>First in, first out.</summary>
internal sealed class FifoPolicy(int capacity, int pages) : ICachePolicy
{
    private readonly Queue<int> _queue = new(capacity);
    private readonly bool[] _cached = new bool[pages];

    public int Count => _queue.Count;

    public bool Access(int page)
    {
        if (_cached[page])
        {
            return true;
        }

        if (_queue.Count == capacity)
        {
            _cached[_queue.Dequeue()] = false;
        }

        _queue.Enqueue(page);
        _cached[page] = true;
        return false;
    }
}
