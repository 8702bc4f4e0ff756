namespace Dora.Benchmarks.Pages.Policies;

/// <summary>CLOCK (Corbató 1968): a ring of pages with one bit each; the hand clears set bits and replaces the first page without one.</summary>
internal sealed class ClockPolicy(int capacity, int pages) : ICachePolicy
{
    private readonly int[] _ring = new int[capacity];
    private readonly bool[] _cached = new bool[pages];
    private readonly bool[] _used = new bool[pages];
    private int _hand;

    public int Count { get; private set; }

    public bool Access(int page)
    {
        if (_cached[page])
        {
            _used[page] = true;
            return true;
        }

        if (Count < capacity)
        {
            _ring[Count++] = page;
        }
        else
        {
            while (_used[_ring[_hand]])
            {
                _used[_ring[_hand]] = false;
                _hand = (_hand + 1) % capacity;
            }

            _cached[_ring[_hand]] = false;
            _ring[_hand] = page;
            _hand = (_hand + 1) % capacity;
        }

        (_cached[page], _used[page]) = (true, false);
        return false;
    }
}
