using System.Diagnostics;

namespace Dora.Diagnostics;

/// <summary>
/// The names under which Dora says what it does while it runs: one meter and one activity source, both called <see cref="Name"/>. Labels are bounded (mount,
/// worker, kind) and never hold a path or a secret. Names and units follow the semantic conventions of OpenTelemetry.
/// </summary>
public static class DoraDiagnostics
{
    /// <summary>The name of the meter and of the activity source: what a listener or exporter subscribes to.</summary>
    public const string Name = "Dora";

    /// <summary>Spans: <c>dora.open</c> and <c>dora.read</c> at the client, <c>dora.worker.*</c> at the worker; docs/observability.md has them all.</summary>
    internal static ActivitySource Activities { get; } = new(Name);

    /// <summary>Begins a span; <see langword="null"/> when nobody listens.</summary>
    /// <param name="name">One of the names of <see cref="Activities"/>.</param>
    /// <param name="kind">Which side of a call it is.</param>
    internal static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal) =>
        Activities.HasListeners() ? Activities.StartActivity(name, kind) : null;

    /// <summary>Ends a span as failed.</summary>
    /// <param name="activity">The span, or <see langword="null"/>.</param>
    /// <param name="code">Why.</param>
    internal static void Fail(this Activity? activity, DoraErrorCode code)
    {
        if (activity is not null)
        {
            activity.SetTag(DoraLabels.ErrorType, code.ToString());
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }
}
