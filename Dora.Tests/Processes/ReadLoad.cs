using System.Diagnostics;
using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>Readers that read all files over and over, checking every byte, until told to stop.</summary>
internal sealed class ReadLoad
{
    private readonly DoraClient _client;
    private readonly Dictionary<string, byte[]> _expected;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _readers;
    private int _passes;
    private long _longestMs;
    private volatile string? _firstProblem;
    private TaskCompletionSource _passDone = NewSignal();

    public ReadLoad(DoraClient client, ProcessCluster cluster, int readers)
    {
        _client = client;
        _expected = cluster.Names.ToDictionary(static n => $"{ProcessCluster.MountPath}/{n}", n => File.ReadAllBytes(Path.Combine(cluster.Source, n)), StringComparer.Ordinal);
        _readers = [.. Enumerable.Range(0, readers).Select(_ => Task.Run(LoopAsync))];
    }

    /// <summary>The first failed read or wrong byte; null while all is well.</summary>
    public string? FirstProblem => _firstProblem;

    /// <summary>The longest that one file took, since the last time this was asked.</summary>
    public TimeSpan TakeLongest() => TimeSpan.FromMilliseconds(Interlocked.Exchange(ref _longestMs, 0));

    /// <summary>Waits until the readers have read everything so many times more.</summary>
    public async Task PassesAsync(int count)
    {
        int target = Volatile.Read(ref _passes) + count;
        while (Volatile.Read(ref _passes) < target && _firstProblem is null)
        {
            Task next = Volatile.Read(ref _passDone).Task;
            if (Volatile.Read(ref _passes) < target)
            {
                await next.WaitAsync(TimeSpan.FromSeconds(90));
            }
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_readers);
        _stop.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested && _firstProblem is null)
        {
            foreach ((string path, byte[] bytes) in _expected)
            {
                try
                {
                    await CheckAsync(path, bytes);
                }
                catch (DoraException e)
                {
                    _firstProblem ??= $"{path}: {e.Code}: {e.Message}";
                }

                if (_stop.IsCancellationRequested)
                {
                    return;
                }
            }

            Interlocked.Increment(ref _passes);
            Interlocked.Exchange(ref _passDone, NewSignal()).TrySetResult();
        }

        Volatile.Read(ref _passDone).TrySetResult();
    }

    private async Task CheckAsync(string path, byte[] expected)
    {
        long start = Stopwatch.GetTimestamp();
        await using DoraFile file = await _client.OpenReadAsync(path, CancellationToken.None);
        byte[] actual = new byte[expected.Length + 1];
        int bytes = await file.ReadAsync(0, actual, CancellationToken.None);
        if (!actual.AsSpan(0, bytes).SequenceEqual(expected))
        {
            _firstProblem ??= $"{path}: {bytes} bytes that differ from the source's {expected.Length}";
        }

        long took = (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        for (long known = Volatile.Read(ref _longestMs); took > known; known = Volatile.Read(ref _longestMs))
        {
            Interlocked.CompareExchange(ref _longestMs, took, known);
        }
    }
}
