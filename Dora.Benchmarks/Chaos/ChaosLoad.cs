using System.Collections.Concurrent;
using System.Diagnostics;
using Dora.Client;

namespace Dora.Benchmarks.Chaos;

/// <summary>One read: when it ended and how long it took, in stopwatch ticks.</summary>
internal readonly record struct ReadSample(long EndedAt, long Ticks);

/// <summary>Readers that read random ranges of files with known bytes at a steady pace, and check every byte.</summary>
internal sealed class ChaosLoad
{
    private readonly DoraClient _client;
    private readonly IReadOnlyList<(string Path, byte[] Content)> _files;
    private readonly TimeSpan _pace;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ReadSample> _samples = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly Task[] _readers;
    private long _reads;
    private long _failed;
    private long _wrong;

    /// <summary>Starts the load.</summary>
    /// <param name="client">Through what is read.</param>
    /// <param name="files">The files and what they must hold.</param>
    /// <param name="readers">Readers at the same time.</param>
    /// <param name="pace">Pause of a reader after each read, so that the load leaves the machine some room.</param>
    /// <param name="seed">Which ranges.</param>
    internal ChaosLoad(DoraClient client, IReadOnlyList<(string Path, byte[] Content)> files, int readers, TimeSpan pace, int seed)
    {
        (_client, _files, _pace) = (client, files, pace);
        _readers = [.. Enumerable.Range(0, readers).Select(i => Task.Run(() => LoopAsync(new Random(seed + i))))];
    }

    internal long Reads => Interlocked.Read(ref _reads);

    internal long Failed => Interlocked.Read(ref _failed);

    internal long Wrong => Interlocked.Read(ref _wrong);

    /// <summary>The first few failures, in words.</summary>
    internal IReadOnlyCollection<string> Problems => [.. _problems];

    /// <summary>All reads since the last call.</summary>
    internal List<ReadSample> Take()
    {
        List<ReadSample> taken = [];
        while (_samples.TryDequeue(out ReadSample sample))
        {
            taken.Add(sample);
        }

        return taken;
    }

    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_readers);
        _stop.Dispose();
    }

    private async Task LoopAsync(Random random)
    {
        byte[] buffer = new byte[64 * 1024];
        var open = new Dictionary<string, DoraFile>(StringComparer.Ordinal);
        while (!_stop.IsCancellationRequested)
        {
            (string path, byte[] content) = _files[random.Next(_files.Count)];
            int offset = random.Next(content.Length);
            int length = Math.Min(random.Next(1, buffer.Length), content.Length - offset);
            long start = Stopwatch.GetTimestamp();
            try
            {
                // Every eighth read opens the file anew, and the open counts.
                if (random.Next(8) == 0 || !open.TryGetValue(path, out DoraFile? file))
                {
                    open[path] = file = await _client.OpenReadAsync(path);
                }

                int count = await file.ReadAsync(offset, buffer.AsMemory(0, length));
                if (count != length || !buffer.AsSpan(0, count).SequenceEqual(content.AsSpan(offset, length)))
                {
                    Interlocked.Increment(ref _wrong);
                    Tell($"{path}: wrong bytes at {offset}, {count} of {length}");
                }
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref _failed);
                Tell($"{path}: {e.Message}");
            }

            long end = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _reads);
            _samples.Enqueue(new ReadSample(end, end - start));
            await Task.Delay(_pace);
        }
    }

    private void Tell(string problem)
    {
        if (_problems.Count < 8)
        {
            _problems.Enqueue(problem);
        }
    }
}
