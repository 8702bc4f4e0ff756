using System.Collections.Concurrent;
using Dora.Tests.Waiting;

namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>What happened to one grain, in order, whichever silo it ran on: grains write, the test reads and awaits entries.</summary>
internal sealed class Journal
{
    private static readonly ConcurrentDictionary<string, Journal> All = new(StringComparer.Ordinal);

    private readonly Lock _lock = new();
    private readonly List<string> _entries = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal static Journal Of(string key) => All.GetOrAdd(key, static _ => new Journal());

    internal string[] Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    internal void Add(string entry)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _entries.Add(entry);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    internal int Count(string entry) => Entries.Count(e => e == entry);

    /// <summary>Completes when the entry has been written that many times.</summary>
    internal Task<string[]> HasAsync(string entry, int times = 1) =>
        WhenAsync(entries => entries.Count(e => e == entry) >= times, $"{times} x '{entry}'");

    internal async Task<string[]> WhenAsync(Func<string[], bool> condition, string what)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            string[] entries = Entries;
            if (condition(entries))
                return entries;
            await changed.Within($"{what} in the journal, which holds [{string.Join(", ", entries)}]");
        }
    }
}
