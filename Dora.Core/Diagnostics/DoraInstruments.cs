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

    /// <summary>A label, for the overloads that take a few without an array.</summary>
    public static KeyValuePair<string, object?> Label(string name, string? value) => new(name, value);
}
