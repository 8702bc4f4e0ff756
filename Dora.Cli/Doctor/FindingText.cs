using Dora.Cli.Output;
using Spectre.Console;

namespace Dora.Cli.Doctor;

/// <summary>Findings for people: state, check, detail, and below it what to do, in lines of at most <see cref="Columns"/> characters.</summary>
internal static class FindingText
{
    /// <summary>The longest line, but for a word that is longer by itself.</summary>
    public const int Columns = 100;

    private const int StateColumns = 6;

    public static void Write(IAnsiConsole console, IReadOnlyList<Finding> findings)
    {
        int checks = findings.Max(static f => Printable.Line(f.Check).Length) + 2;
        string indent = new(' ', StateColumns + checks);
        foreach (Finding finding in findings)
        {
            string start = $"{Colored(finding.State)}  {Markup.Escape(Printable.Line(finding.Check).PadRight(checks))}";
            foreach (string line in Wrap(finding.Detail, Columns - indent.Length))
            {
                console.MarkupLine(start + Markup.Escape(line));
                start = indent;
            }

            string arrow = "-> ";
            foreach (string line in finding.Fix is { Length: > 0 } fix ? Wrap(fix, Columns - indent.Length - arrow.Length) : [])
            {
                console.MarkupLine(indent + arrow + Markup.Escape(line));
                arrow = "   ";
            }
        }

        int bad = findings.Count(static f => f.State == FindingState.Bad);
        console.WriteLine(bad == 0 ? "healthy" : $"not healthy: {bad} of {Format.Count(findings.Count, "check")}");
    }

    /// <summary>Lines of whole words.</summary>
    internal static IEnumerable<string> Wrap(string text, int width)
    {
        string line = string.Empty;
        foreach (string word in Printable.Line(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = string.Empty;
            }

            line += line.Length == 0 ? word : " " + word;
        }

        yield return line;
    }

    private static string Colored(FindingState state) => state switch
    {
        FindingState.Good => "[green]good[/]",
        FindingState.Note => "[yellow]note[/]",
        _ => "[red]bad [/]",
    };
}
