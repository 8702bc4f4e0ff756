using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace Dora.Benchmarks.Harness;

/// <summary>A running benchmark: collects rows and notes, talks about progress on stderr.</summary>
internal sealed class BenchmarkRun(bool quick, TextWriter progress)
{
    private readonly List<BenchmarkRow> _rows = [];
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, object> _more = new(StringComparer.Ordinal);
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Whether fewer samples are wanted: figures are rougher, the run is much shorter.</summary>
    internal bool Quick { get; } = quick;

    /// <summary>The command line; <see langword="null"/> when there is none: then options have their defaults.</summary>
    internal ParseResult? Parsed { get; init; }

    internal void Add(BenchmarkRow row) => _rows.Add(row);

    /// <summary>Adds a figure of the benchmark's own beside the rows.</summary>
    internal void More(string name, object value) => _more[name] = value;

    internal void Note(string note) => _notes.Add(note);

    internal void Progress(string what) =>
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(_started).TotalSeconds,6:0.0} s] {what}"));

    /// <summary>Ends the run when an answer is wrong.</summary>
    internal static void Check(bool isRight, string whatIsWrong)
    {
        if (!isRight)
        {
            throw new WrongAnswerException(whatIsWrong);
        }
    }

    internal BenchmarkReport ToReport(string name, DateTimeOffset startedAt) => new(name, MachineDescription.Get(), startedAt, _rows, _notes) { More = _more.Count == 0 ? null : _more };
}
