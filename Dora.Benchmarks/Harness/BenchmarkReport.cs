using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dora.Benchmarks.Harness;

/// <summary>The result of one benchmark: rows and notes, as one JSON object or as a table for people.</summary>
internal sealed record BenchmarkReport(
    string Bench, string Machine, DateTimeOffset StartedAt, IReadOnlyList<BenchmarkRow> Rows, IReadOnlyList<string> Notes)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>Figures of the benchmark's own, beside the rows.</summary>
    [JsonExtensionData]
    public Dictionary<string, object>? More { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, Json);
}
