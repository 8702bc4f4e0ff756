using System.Globalization;

namespace Dora.Benchmarks.Harness;

/// <summary>A limit that a figure must keep, written as <c>"&gt;= 0.85"</c> or <c>"&lt;= 1.3"</c>.</summary>
internal readonly record struct BenchmarkTarget(bool IsUpperLimit, double Limit)
{
    internal static BenchmarkTarget Parse(string text)
    {
        string[] words = text.Split(' ');
        return words is [">=" or "<=", var number] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double limit)
            ? new BenchmarkTarget(words[0] == "<=", limit)
            : throw new FormatException($"'{text}' is no target: write '>= 0.85' or '<= 1.3'");
    }

    internal bool IsMetBy(double figure) => IsUpperLimit ? figure <= Limit : figure >= Limit;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsUpperLimit ? "<=" : ">=")} {Limit}");
}
