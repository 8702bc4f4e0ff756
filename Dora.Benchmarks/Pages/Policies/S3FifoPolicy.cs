namespace Dora.Benchmarks.Pages.Policies;

/// <summary>
/// S3-FIFO (Yang and others, SOSP 2023): a small queue of 10 % that new pages must leave with a hit, a main queue with reinsertion, and a ghost
/// queue of names as long as the main one whose pages go to the main queue at once. Two bits of use per page.
/// </summary>
internal sealed class S3FifoPolicy(int capacity, int pages) : ICachePolicy
{
    private const byte MaxUse = 3;

    private readonly int _smallCapacity = Math.Max(1, capacity / 10);
    private readonly Queue<int> _small = new();
    private readonly Queue<int> _main = new();
    private readonly Queue<(int Page, int Stamp)> _ghosts = new();
    private readonly bool[] _cached = new bool[pages];
    private readonly byte[] _use = new byte[pages];

    // The stamp of a page's newest ghost entry, 0 when it is none; entries with an older stamp are void.
    private readonly int[] _ghost = new int[pages];
    private int _stamp;

    public int Count => _small.Count + _main.Count;

    public bool Access(int page)
    {
        if (_cached[page])
        {
            _use[page] = (byte)Math.Min(_use[page] + 1, MaxUse);
            return true;
        }

        while (Count >= capacity)
        {
            Evict();
        }

        bool known = _ghost[page] != 0;
        _ghost[page] = 0;
        (known ? _main : _small).Enqueue(page);
        (_cached[page], _use[page]) = (true, 0);
        return false;
    }

    private void Evict()
    {
        if (_small.Count >= _smallCapacity || _main.Count == 0)
        {
            EvictSmall();
        }
        else
        {
            EvictMain();
        }
    }

    private void EvictSmall()
    {
        while (_small.TryDequeue(out int page))
        {
            if (_use[page] <= 1)
            {
                _cached[page] = false;
                AddGhost(page);
                return;
            }

            _use[page] = 0;
            _main.Enqueue(page);
        }

        EvictMain();
    }

    private void EvictMain()
    {
        while (_main.TryDequeue(out int page))
        {
            if (_use[page] == 0)
            {
                _cached[page] = false;
                return;
            }

            _use[page]--;
            _main.Enqueue(page);
        }
    }

    private void AddGhost(int page)
    {
        _ghost[page] = ++_stamp;
        _ghosts.Enqueue((page, _stamp));
        while (_ghosts.Count > capacity - _smallCapacity)
        {
            (int oldest, int stamp) = _ghosts.Dequeue();
            if (_ghost[oldest] == stamp)
            {
                _ghost[oldest] = 0;
            }
        }
    }
}
