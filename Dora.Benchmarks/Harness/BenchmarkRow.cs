using System.Text.Json.Serialization;

namespace Dora.Benchmarks.Harness;

/// <summary>One measured figure, in the form every benchmark of Dora prints (docs/benchmarks.md).</summary>
/// <param name="Case">What was measured, for example <c>multi-probe, 1,000 workers</c>.</param>
/// <param name="Metric">Which figure of it, for example <c>lookup p50</c>.</param>
/// <param name="Unit">Its unit; empty for a plain ratio.</param>
/// <param name="Value">The figure.</param>
/// <param name="Against">The peer or limit it is compared with, or null.</param>
/// <param name="AgainstValue">The peer's figure in the same unit; null when the peer could not be measured.</param>
/// <param name="Target">What <see cref="Ratio"/> must keep (or the value, when there is no peer), or null.</param>
internal sealed record BenchmarkRow(
    string Case,
    string Metric,
    string Unit,
    double Value,
    string? Against = null,
    double? AgainstValue = null,
    string? Target = null)
{
    /// <summary>Value divided by the peer's value; null without one.</summary>
    [JsonPropertyOrder(1)]
    public double? Ratio => AgainstValue is { } peer && peer != 0 ? Value / peer : null;

    /// <summary>Whether the target is met; null when there is no target or its peer is missing.</summary>
    [JsonPropertyOrder(3)]
    public bool? Met => Target is null ? null
        : Against is null ? BenchmarkTarget.Parse(Target).IsMetBy(Value)
        : Ratio is { } ratio ? BenchmarkTarget.Parse(Target).IsMetBy(ratio)
        : null;

    /// <summary>What must be kept, as text.</summary>
    [JsonPropertyOrder(2)]
    public string? Target { get; init; } = Target is null ? null : BenchmarkTarget.Parse(Target).ToString();
}
