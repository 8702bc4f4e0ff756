namespace Dora.Silo.Peers;

/// <summary>
/// Which files were read lately, so that a worker that stops hands the hot ones over first. A fixed table by hash; a file takes the place of another with
/// the same hash. Written without locks and only when something differs: a torn entry names no file and is passed over.
/// </summary>
internal sealed class RecentFiles : IDisposable
{
    private const int Bits = 15;
    private static readonly TimeSpan EpochLength = TimeSpan.FromSeconds(1);

    private readonly Entry[] _entries = new Entry[1 << Bits];
    private readonly ITimer _clock;
    private int _epoch = 1;

    public RecentFiles(TimeProvider time) => _clock = time.CreateTimer(_ => Advance(), null, EpochLength, EpochLength);

    /// <summary>Notes a read. Costs a comparison when the file was read within the same second.</summary>
    public void Note(FileId file)
    {
        ref Entry entry = ref _entries[(int)(file.Low & ((1 << Bits) - 1))];
        int epoch = Volatile.Read(ref _epoch);
        if (entry.Epoch != epoch || entry.File != file)
        {
            (entry.File, entry.Epoch) = (file, epoch);
        }
    }

    /// <summary>The files, the latest read first.</summary>
    public List<FileId> Latest()
    {
        Entry[] entries = [.. _entries.Where(static e => e.Epoch > 0)];
        Array.Sort(entries, static (a, b) => b.Epoch.CompareTo(a.Epoch));
        return [.. entries.Select(static e => e.File)];
    }

    /// <inheritdoc/>
    public void Dispose() => _clock.Dispose();

    internal void Advance() => Interlocked.Increment(ref _epoch);

    private struct Entry
    {
        public FileId File;
        public int Epoch;
    }
}
