using System.Diagnostics.Metrics;

namespace Dora.Diagnostics;

/// <summary>
/// The instruments that are recorded where something happens, declared here and nowhere else; what is only looked at when somebody collects is in
/// <see cref="DoraMeter"/>. Recording costs a look at a flag when nobody listens, and never an allocation.
/// </summary>
internal static class DoraInstruments
{
    private static readonly Meter Shared = new(DoraDiagnostics.Name);

    public static Histogram<double> ReadDuration { get; } = Shared.CreateHistogram<double>("dora.read.duration", "s", "Time from a client's call to the last byte");

    public static Counter<long> ReadBytes { get; } = Shared.CreateCounter<long>("dora.read.io", "By", "Bytes given to a client's readers");

    public static Histogram<double> StoreRequestDuration { get; } = Shared.CreateHistogram<double>("dora.store.request.duration", "s", "Time of a request to an under store");

    public static Histogram<double> StaleAge { get; } = Shared.CreateHistogram<double>(
        "dora.stale.age", "s", "Age of metadata that was given past its mount's freshness rule because the store did not answer");

    public static Counter<long> FillCoalesced { get; } = Shared.CreateCounter<long>("dora.fill.coalesced", "{request}", "Requests for bytes that were on their way from the store already, and joined them");

    public static Counter<long> RingMoves { get; } = Shared.CreateCounter<long>("dora.ring.moves", "{file}", "Files that a worker took over from another because the ring changed");

    public static Counter<long> JobItems { get; } = Shared.CreateCounter<long>("dora.job.items", "{file}", "Files that jobs have dealt with");

    /// <summary>A label, for the overloads that take a few without an array.</summary>
    public static KeyValuePair<string, object?> Label(string name, string? value) => new(name, value);
}
