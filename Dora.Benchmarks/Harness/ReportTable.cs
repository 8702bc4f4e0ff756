using System.Globalization;
using Spectre.Console;

namespace Dora.Benchmarks.Harness;

/// <summary>Shows a report to people.</summary>
internal static class ReportTable
{
    internal static void Write(BenchmarkReport report, IAnsiConsole console)
    {
        Table table = new Table().Border(TableBorder.Rounded).Title($"dora bench {report.Bench}");
        foreach (string column in (string[])["metric", "value", "against", "ratio", "target", ""])
        {
            table.AddColumn(new TableColumn(column) { NoWrap = column is "value" or "ratio" or "target" });
        }

        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 140;
        }

        string? last = null;
        foreach (BenchmarkRow row in report.Rows)
        {
            string against = row.Against is null ? string.Empty : $"{row.Against}: {(row.AgainstValue is { } v ? Figure(v, row.Unit) : "not measured")}";
            if (row.Case != last)
            {
                table.AddRow($"[bold]{Markup.Escape(row.Case)}[/]");
            }

            table.AddRow(
                "  " + Markup.Escape(row.Metric),
                Markup.Escape(Figure(row.Value, row.Unit)),
                Markup.Escape(against),
                row.Ratio is { } ratio ? Number(ratio) : string.Empty,
                Markup.Escape(row.Target ?? string.Empty),
                row.Met switch { true => "[green]met[/]", false => "[red]missed[/]", null => string.Empty });
            last = row.Case;
        }

        console.Write(table);
        console.WriteLine(report.Machine);
        foreach (string note in report.Notes)
        {
            console.WriteLine("- " + note);
        }
    }

    private static string Figure(double value, string unit) => unit.Length == 0 ? Number(value) : $"{Number(value)} {unit}";

    private static string Number(double value) =>
        value.ToString(Math.Abs(value) switch { >= 1000 => "#,0", >= 10 => "0.0", >= 0.01 or 0 => "0.000", _ => "0.#e0" }, CultureInfo.InvariantCulture);
}
