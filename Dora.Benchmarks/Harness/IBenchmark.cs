using System.CommandLine;

namespace Dora.Benchmarks.Harness;

/// <summary>One benchmark: a verb of <c>./dora bench</c>.</summary>
internal interface IBenchmark
{
    /// <summary>The verb.</summary>
    string Name { get; }

    /// <summary>What it answers, in one line.</summary>
    string Description { get; }

    /// <summary>Options of its own, beside those of all benchmarks; their values are in <see cref="BenchmarkRun.Parsed"/>.</summary>
    IReadOnlyList<Option> Options => [];

    /// <summary>Measures and adds rows and notes to the run. Throws <see cref="WrongAnswerException"/> on a wrong answer.</summary>
    Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation);
}
