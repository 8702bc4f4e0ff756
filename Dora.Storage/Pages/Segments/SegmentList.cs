namespace Dora.Storage.Pages.Segments;

/// <summary>The segments of a volume by sequence. Changes need the volume's lock; <see cref="All"/> is an array that is replaced, never changed.</summary>
internal sealed class SegmentList
{
    private Segment[] _all = [];

    public Segment[] All => Volatile.Read(ref _all);

    public void Add(Segment segment)
    {
        Segment[] all = [.. _all, segment];
        if (_all.Length > 0 && _all[^1].Sequence > segment.Sequence)
        {
            Array.Sort(all, static (a, b) => a.Sequence.CompareTo(b.Sequence));
        }

        Volatile.Write(ref _all, all);
    }

    public bool Remove(Segment segment)
    {
        int at = Array.IndexOf(_all, segment);
        if (at >= 0)
        {
            Volatile.Write(ref _all, [.. _all[..at], .. _all[(at + 1)..]]);
        }

        return at >= 0;
    }

    /// <summary>Place in <see cref="All"/> of the first segment with at least a sequence.</summary>
    public static int IndexOf(Segment[] all, ulong sequence)
    {
        int low = 0;
        int high = all.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = all[middle].Sequence < sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
