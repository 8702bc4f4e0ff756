using System.Diagnostics.Metrics;

namespace Dora.Diagnostics;

/// <summary>
/// Every instrument of Dora, declared here and nowhere else. A worker and a client each own one and dispose it with themselves, so that what they observe ends
/// with them; all have the name <see cref="DoraDiagnostics.Name"/>, and listeners see one meter. Recording costs nothing but a look when nobody listens.
/// </summary>
internal sealed class DoraMeter : IDisposable
{
    private readonly Meter _meter;

    /// <param name="owner">A label that all of this meter's measurements carry, the worker's id for a worker; none for a client.</param>
    public DoraMeter(string? owner = null)
    {
        _meter = new Meter(DoraDiagnostics.Name, version: null, owner is null ? null : [new(DoraLabels.Worker, owner)]);
        ReadDuration = _meter.CreateHistogram<double>("dora.read.duration", "s", "Time from a read's call to its last byte");
        ReadBytes = _meter.CreateCounter<long>("dora.read.io", "By", "Bytes given to readers");
        StoreRequestDuration = _meter.CreateHistogram<double>("dora.store.request.duration", "s", "Time that requests to the under store took");
        StoreBytes = _meter.CreateCounter<long>("dora.store.io", "By", "Bytes received from under stores");
        FillsCoalesced = _meter.CreateCounter<long>("dora.fill.coalesced", "{request}", "Reads that waited for a fetch that was under way for another");
        HedgeRequests = _meter.CreateCounter<long>("dora.hedge.requests", "{request}", "Second requests sent because the first was late");
        JobItems = _meter.CreateCounter<long>("dora.job.items", "{item}", "Files that jobs have finished with");
        StaleAge = _meter.CreateHistogram<double>("dora.stale.age", "s", "Age of metadata served although the store could not be asked");
    }

    /// <summary>Whether an instrument is one of this meter.</summary>
    public bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    public Histogram<double> ReadDuration { get; }

    public Counter<long> ReadBytes { get; }

    public Histogram<double> StoreRequestDuration { get; }

    public Counter<long> StoreBytes { get; }

    public Counter<long> FillsCoalesced { get; }

    public Counter<long> HedgeRequests { get; }

    public Counter<long> JobItems { get; }

    public Histogram<double> StaleAge { get; }

    /// <summary>A number that only grows and is kept elsewhere anyway: asked for when somebody collects.</summary>
    public void ObserveTotal(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> observe) =>
        _meter.CreateObservableCounter(name, observe, unit, description);

    /// <summary>A level: asked for when somebody collects.</summary>
    public void ObserveLevel(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> observe) =>
        _meter.CreateObservableGauge(name, observe, unit, description);

    public void Dispose() => _meter.Dispose();
}
