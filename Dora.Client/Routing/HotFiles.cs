namespace Dora.Client.Routing;

/// <summary>
/// Finds the files that this client reads very often, so that their reads can be spread over several workers. One counter per hash of the id and
/// second, without locks: two files may share one, and a count lost in a race is of no matter.
/// </summary>
/// <param name="readsPerSecond">From how many reads per second on a file is hot; 0: never.</param>
/// <param name="time">The clock.</param>
internal sealed class HotFiles(int readsPerSecond, TimeProvider time)
{
    private const int Bits = 12;

    private readonly Cell[] _cells = new Cell[readsPerSecond > 0 ? 1 << Bits : 0];

    /// <summary>Counts a read and tells whether the file is hot: this second so far, or the last one in which it was read.</summary>
    public bool Note(FileId file, long timestamp)
    {
        if (_cells.Length == 0)
        {
            return false;
        }

        // The ring places by the high bits; these are independent of them.
        ref Cell cell = ref _cells[(int)(file.Low & ((1 << Bits) - 1))];
        if (timestamp - cell.WindowStart > time.TimestampFrequency)
        {
            cell.WasHot = cell.Count >= readsPerSecond && timestamp - cell.WindowStart < 2 * time.TimestampFrequency;
            cell.Count = 0;
            cell.WindowStart = timestamp;
        }

        return ++cell.Count >= readsPerSecond || cell.WasHot;
    }

    private struct Cell
    {
        public long WindowStart;
        public int Count;
        public bool WasHot;
    }
}
