using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;
using Microsoft.Extensions.Logging;

namespace Dora.Storage.Pages;

/// <summary>What the parts of a store share.</summary>
internal sealed class StoreContext(PageStoreOptions options, IPageDevice device, TimeProvider time, ILogger logger)
{
    private ulong _sequence;

    public PageStoreOptions Options { get; } = options;

    public IPageDevice Device { get; } = device;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public SegmentTable Segments { get; } = new();

    public PagePins Pins { get; } = new();

    public StoreCounters Counters { get; } = new();

    public MountLedger Mounts { get; } = new();

    /// <summary>A number for the next segment.</summary>
    public ulong NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>Makes all later numbers greater than one that was seen.</summary>
    public void SawSequence(ulong sequence)
    {
        ulong before = Volatile.Read(ref _sequence);
        while (before < sequence)
        {
            ulong now = Interlocked.CompareExchange(ref _sequence, sequence, before);
            if (now == before)
            {
                return;
            }

            before = now;
        }
    }

    /// <summary>Unix time in seconds.</summary>
    public uint Now() => (uint)Math.Clamp(Time.GetUtcNow().ToUnixTimeSeconds(), 0, uint.MaxValue);
}
