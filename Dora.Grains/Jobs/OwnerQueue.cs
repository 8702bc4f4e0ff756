using Dora.Interfaces;

namespace Dora.Grains.Jobs;

/// <summary>Files for one worker, and how many go into a batch: as many as it loads in a part of a second, so that progress shows, little is lost with a worker, and a call's cost is spread.</summary>
internal sealed class OwnerQueue(WorkerId owner)
{
    private const int SmallestBatch = 16;
    private const int LargestBatch = 512;

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    private readonly LinkedList<LoadFile> _files = new();
    private int _size = SmallestBatch;

    public WorkerId Owner => owner;

    public int Count => _files.Count;

    /// <summary>Batches on their way.</summary>
    public int Running { get; set; }

    public void Add(in LoadFile file) => _files.AddLast(file);

    /// <summary>Gives back what was taken and not begun.</summary>
    public void Return(ReadOnlySpan<LoadFile> files)
    {
        for (int i = files.Length - 1; i >= 0; i--)
        {
            _files.AddFirst(files[i]);
        }
    }

    /// <summary>Takes the next batch, at least a file.</summary>
    public LoadFile[] Take()
    {
        List<LoadFile> batch = new(Math.Min(_size, _files.Count));
        long bytes = 0;
        while (_files.First is { } next && batch.Count < _size && (batch.Count == 0 || bytes + next.Value.Stat.Length <= LoadLimits.MaxBytesPerCall))
        {
            batch.Add(next.Value);
            bytes += next.Value.Stat.Length;
            _files.RemoveFirst();
        }

        return [.. batch];
    }

    /// <summary>Takes all, for other queues.</summary>
    public LoadFile[] Clear()
    {
        LoadFile[] all = [.. _files];
        _files.Clear();
        return all;
    }

    /// <summary>A batch took so long: the next ones are sized by it.</summary>
    public void Took(int files, TimeSpan time) =>
        _size = time > Long ? Math.Max(SmallestBatch, _size / 2)
            : time < Short && files >= _size ? Math.Min(LargestBatch, _size * 2)
            : _size;
}
