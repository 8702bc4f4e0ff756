using System.Globalization;
using System.Text.Json.Serialization;
using Dora.Cli.Output;
using Spectre.Console;

namespace Dora.Cli.Demo;

/// <summary>What the demo found. The member names are what <c>--json</c> prints.</summary>
internal sealed record DemoReport
{
    public required long Files { get; init; }

    public required long Bytes { get; init; }

    [JsonPropertyName("coldMBps")]
    public required double ColdMBps { get; init; }

    [JsonPropertyName("warmMBps")]
    public required double WarmMBps { get; init; }

    [JsonPropertyName("p50us")]
    public required double P50Us { get; init; }

    [JsonPropertyName("p99us")]
    public required double P99Us { get; init; }

    public required int Killed { get; init; }

    public required long Failed { get; init; }

    public required long Wrong { get; init; }

    /// <summary>Files owned per worker.</summary>
    public required IReadOnlyDictionary<string, long> PerWorker { get; init; }

    /// <summary>The first failure's line, when there was one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FirstFailure { get; init; }

    /// <summary>Whether every read succeeded and every byte was right.</summary>
    [JsonIgnore]
    public bool IsRight => Failed == 0 && Wrong == 0;

    /// <summary>The table for people.</summary>
    public void Render(IAnsiConsole console)
    {
        Table table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumns("what", "value");
        table.AddRow("files", Format.Count(Files));
        table.AddRow("bytes", Format.Bytes(Bytes));
        table.AddRow("cold, read and verified", $"{Number(ColdMBps)} MB/s");
        table.AddRow("warm, read and verified, a worker killed meanwhile", $"{Number(WarmMBps)} MB/s");
        table.AddRow("positioned read of 64 KiB", $"p50 {Number(P50Us)} µs, p99 {Number(P99Us)} µs");
        table.AddRow("files per worker", string.Join(", ", PerWorker.Select(static w => $"{w.Key}: {Format.Count(w.Value)}")));
        table.AddRow("workers killed", Number(Killed));
        table.AddRow("failed reads", Number(Failed));
        table.AddRow("wrong files", Number(Wrong));
        console.Write(table);
        console.WriteLine(IsRight ? "Every byte was right." : $"NOT RIGHT: {Printable.Line(FirstFailure ?? string.Empty)}");
    }

    private static string Number(double number) => number.ToString("#,0.#", CultureInfo.InvariantCulture);
}
