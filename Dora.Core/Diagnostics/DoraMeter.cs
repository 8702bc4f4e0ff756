using System.Diagnostics.Metrics;

namespace Dora.Diagnostics;

/// <summary>
/// What one worker or client keeps count of anyway and is looked at only when somebody collects. It is disposed with its owner, so that nobody is asked who is gone.
/// Listeners see it, like <see cref="DoraInstruments"/>, under the name <see cref="DoraDiagnostics.Name"/>.
/// </summary>
/// <param name="worker">The worker's id, which all of this meter's measurements carry; <see langword="null"/> for a client.</param>
internal sealed class DoraMeter(string? worker = null) : IDisposable
{
    private readonly Meter _meter = new(DoraDiagnostics.Name, version: null, worker is null ? null : [new(DoraLabels.Worker, worker)]);

    /// <summary>Whether an instrument is one of this meter.</summary>
    public bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    /// <summary>A number that only grows.</summary>
    public void ObserveTotal(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> observe) =>
        _meter.CreateObservableCounter(name, observe, unit, description);

    /// <summary>A level.</summary>
    public void ObserveLevel(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> observe) =>
        _meter.CreateObservableGauge(name, observe, unit, description);

    public void Dispose() => _meter.Dispose();
}
