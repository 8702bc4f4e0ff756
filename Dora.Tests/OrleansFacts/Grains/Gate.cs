using System.Collections.Concurrent;

namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>Holds grain code at a known point until the test lets it go on.</summary>
internal sealed class Gate
{
    private const string Arrival = "arrived";

    private static readonly ConcurrentDictionary<string, Gate> All = new(StringComparer.Ordinal);

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Journal _arrivals = new();

    internal static Gate Of(string key) => All.GetOrAdd(key, static _ => new Gate());

    internal bool IsOpen => _open.Task.IsCompleted;

    internal int Arrived => _arrivals.Count(Arrival);

    /// <summary>Called by the code to be held.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken = default)
    {
        _arrivals.Add(Arrival);
        await _open.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Completes when that many have come to the gate.</summary>
    internal Task ArrivedAsync(int count = 1) => _arrivals.HasAsync(Arrival, count);

    internal void Open() => _open.TrySetResult();
}
