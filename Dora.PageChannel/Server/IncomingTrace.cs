using System.Diagnostics;
using Dora.Diagnostics;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>The client's span that a request belongs to. The default: none, and then this worker makes no span either, for whether a trace is recorded is decided where it begins.</summary>
/// <param name="Parent">The client's span.</param>
/// <param name="ReceivedAt">When the request was received.</param>
internal readonly record struct IncomingTrace(ActivityContext Parent, DateTimeOffset ReceivedAt)
{
    /// <summary>Whether there is no span.</summary>
    public bool IsNone => ReceivedAt == default;

    /// <summary>Reads the field of a request, when somebody listens here.</summary>
    public static IncomingTrace From(ReadOnlySpan<byte> field, TimeProvider time) =>
        DoraDiagnostics.Activities.HasListeners() ? new(TraceField.Parse(field), time.GetUtcNow()) : default;

    /// <summary>Begins the span of the answer, from when the request was received; <see langword="null"/> when there is none.</summary>
    /// <param name="opcode">What is asked.</param>
    /// <param name="worker">Who answers.</param>
    public Activity? Start(PageChannelOpcode opcode, WorkerId worker) => IsNone
        ? null
        : DoraDiagnostics.Activities
            .StartActivity(NameOf(opcode), ActivityKind.Server, Parent, startTime: ReceivedAt)?.SetTag(DoraLabels.Worker, worker.Value);

    private static string NameOf(PageChannelOpcode opcode) => opcode switch
    {
        PageChannelOpcode.Read or PageChannelOpcode.ReadFile => "dora.worker.read",
        PageChannelOpcode.Locate => "dora.worker.locate",
        PageChannelOpcode.Known => "dora.worker.known",
        PageChannelOpcode.List => "dora.worker.list",
        _ => "dora.worker.stat",
    };
}
