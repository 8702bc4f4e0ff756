using System.Diagnostics;
using System.Globalization;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Metadata;

/// <summary>One phase in a child process: the figures it said, and when it said the first.</summary>
internal sealed class ChildRun
{
    private readonly Dictionary<string, double> _figures = new(StringComparer.Ordinal);

    /// <summary>Seconds from before the process was started to its first line.</summary>
    internal double FirstLineSeconds { get; private init; }

    internal double this[string name] => _figures[name];

    internal static async Task<ChildRun> StartAsync(string phase, string directory, long budget, long from, long to, int milliseconds, CancellationToken cancellation)
    {
        string[] arguments = [phase, directory, .. new[] { budget, from, to, milliseconds }.Select(static n => n.ToString(CultureInfo.InvariantCulture))];
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["exec", typeof(ChildRun).Assembly.Location, MetadataChild.Verb, .. arguments]) { RedirectStandardOutput = true };
        long started = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        try
        {
            string? line = await process.StandardOutput.ReadLineAsync(cancellation);
            var run = new ChildRun { FirstLineSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds };
            for (; line is not null; line = await process.StandardOutput.ReadLineAsync(cancellation))
            {
                int equals = line.IndexOf('=', StringComparison.Ordinal);
                run._figures[line[..equals]] = double.Parse(line.AsSpan(equals + 1), CultureInfo.InvariantCulture);
            }

            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? run : throw new WrongAnswerException($"the phase '{phase}' ended with code {process.ExitCode}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
