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

    /// <summary>The same reads of whole files from a simulated far store (<see cref="FarStore"/>).</summary>
    [JsonPropertyName("farStoreMBps")]
    public required double FarStoreMBps { get; init; }

    /// <summary>The same positioned reads from it.</summary>
    [JsonPropertyName("farStoreP50us")]
    public required double FarStoreP50Us { get; init; }

    [JsonPropertyName("farStoreP99us")]
    public required double FarStoreP99Us { get; init; }

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
        Table table = new Table().Border(TableBorder.Simple).AddColumns($"{Format.Count(Files, "file")}, {Format.Bytes(Bytes)}", "Dora", "a far store*");
        table.AddRow("read the first time", $"{Number(ColdMBps)} MB/s", $"{Number(FarStoreMBps)} MB/s");
        table.AddRow("read again, a worker killed", $"{Number(WarmMBps)} MB/s", $"{Number(FarStoreMBps)} MB/s");
        table.AddRow("64 KiB anywhere, p50", Time(P50Us), Time(FarStoreP50Us));
        table.AddRow("64 KiB anywhere, p99", Time(P99Us), Time(FarStoreP99Us));
        table.AddRow("workers killed", Number(Killed), string.Empty);
        table.AddRow("failed reads", Number(Failed), string.Empty);
        table.AddRow("wrong files", Number(Wrong), string.Empty);
        console.Write(table);
        console.WriteLine($"Files per worker: {string.Join(", ", PerWorker.Select(static w => $"{w.Key}: {Format.Count(w.Value)}"))}.");
        console.WriteLine("* simulated: the same files, 30 ms a request, 100 MB/s a stream, 4 at a time. Every byte from Dora is compared with its source.");
        console.WriteLine(IsRight ? "Every byte was right." : $"NOT RIGHT: {Printable.Line(FirstFailure ?? string.Empty)}");
    }

    private static string Time(double microseconds) => $"{Number(microseconds)} µs";

    private static string Number(double number) => number.ToString("#,0.#", CultureInfo.InvariantCulture);
}
