using System.Diagnostics;
using System.Threading.Channels;
using Dora.Diagnostics;

namespace Dora.Tests.Doubles;

/// <summary>Listens to Dora's spans, as an exporter does. Other tests of this process have spans of their own: ask by trace.</summary>
internal sealed class SpanCollector : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly Channel<Activity> _ended = Channel.CreateUnbounded<Activity>();

    public SpanCollector()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == DoraDiagnostics.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _ended.Writer.TryWrite(activity),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Waits for the next span of a name in the trace of a span.</summary>
    public async Task<Activity> OneAsync(Activity trace, string name)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Activity ended = await _ended.Reader.ReadAsync(patience.Token);
            if (ended.TraceId == trace.TraceId && ended.OperationName == name)
            {
                return ended;
            }
        }
    }

    public void Dispose() => _listener.Dispose();
}
