using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Dora.Tests.Doubles;

/// <summary>Listens to Dora's instruments, as an exporter does.</summary>
internal sealed class MeterCollector : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentBag<string> _instruments = [];
    private readonly ConcurrentQueue<(string Name, double Value, string Labels)> _recorded = new();

    /// <param name="accepts">Which of them: other tests of this process have workers of their own.</param>
    public MeterCollector(Func<Instrument, bool> accepts)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (accepts(instrument))
            {
                _instruments.Add($"{instrument.Name} {instrument.Unit}");
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => _recorded.Enqueue((instrument.Name, value, Text(labels))));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => _recorded.Enqueue((instrument.Name, value, Text(labels))));
        _listener.Start();
    }

    /// <summary>Name and unit of every instrument published so far.</summary>
    public IEnumerable<string> Instruments => _instruments;

    /// <summary>The sum of what observable instruments of a name and with these labels say now.</summary>
    public double Collect(string name, params (string Label, string Value)[] labels)
    {
        _recorded.Clear();
        _listener.RecordObservableInstruments();
        return Recorded(name, labels).Sum();
    }

    /// <summary>What was recorded under a name, with these labels at least.</summary>
    public double[] Recorded(string name, params (string Label, string Value)[] labels) =>
        [.. _recorded.Where(r => r.Name == name && labels.All(l => r.Labels.Contains($"{l.Label}={l.Value};", StringComparison.Ordinal))).Select(static r => r.Value)];

    public void Dispose() => _listener.Dispose();

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = new System.Text.StringBuilder();
        foreach ((string name, object? value) in labels)
        {
            text.Append(name).Append('=').Append(value).Append(';');
        }

        return text.ToString();
    }
}
