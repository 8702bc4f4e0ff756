namespace Dora.Storage.Pages.Segments;

/// <summary>The segments of a store by slot. Looking one up takes no lock: whoever holds a pin on a record knows that its segment's slot stays.</summary>
internal sealed class SegmentTable
{
    private readonly Segment?[] _segments = new Segment?[ushort.MaxValue + 1];
    private readonly bool[] _taken = new bool[ushort.MaxValue + 1];
    private readonly Lock _gate = new();
    private int _next;

    public Segment? this[ushort slot] => Volatile.Read(ref _segments[slot]);

    /// <summary>Takes a free slot; <see langword="null"/> when all are taken.</summary>
    public ushort? TryTake()
    {
        lock (_gate)
        {
            for (int i = 0; i < _taken.Length; i++)
            {
                int slot = (_next + i) & ushort.MaxValue;
                if (!_taken[slot])
                {
                    _taken[slot] = true;
                    _next = slot + 1;
                    return (ushort)slot;
                }
            }

            return null;
        }
    }

    /// <summary>Takes a given slot.</summary>
    public bool TryTake(ushort slot)
    {
        lock (_gate)
        {
            bool free = !_taken[slot];
            _taken[slot] = true;
            return free;
        }
    }

    public void Set(Segment segment) => Volatile.Write(ref _segments[segment.Slot], segment);

    /// <summary>Frees a slot; nobody may know a place of it any more.</summary>
    public void Free(ushort slot)
    {
        lock (_gate)
        {
            Volatile.Write(ref _segments[slot], null);
            _taken[slot] = false;
        }
    }
}
