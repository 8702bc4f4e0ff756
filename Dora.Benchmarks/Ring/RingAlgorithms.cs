namespace Dora.Benchmarks.Ring;

/// <summary>The contenders. The name of the chosen one starts with Dora.</summary>
internal static class RingAlgorithms
{
    internal static RingAlgorithm Chosen { get; } = new("Dora: rendezvous over 2^20 slots", static m => new ChosenRing(m), IsChosen: true);

    internal static RingAlgorithm[] All { get; } =
    [
        Chosen,
        new("multi-probe, 21 probes × 1 point", static m => new MultiProbeRing(m, 21, 1)),
        new("multi-probe, 21 probes × 16 points", static m => new MultiProbeRing(m, 21, 16)),
        new("multi-probe, 8 probes × 100 points", static m => new MultiProbeRing(m, 8, 100)),
        new("ketama, 160 points", static m => new KetamaRing(m, 160)),
        new("ketama, 1,000 points", static m => new KetamaRing(m, 1_000)),
        new("Maglev, 1,000,003 slots", static m => new MaglevRing(m, 1_000_003)),
        new("rendezvous over keys", static m => new RendezvousRing(m), MaxMembers: 20),
    ];
}
