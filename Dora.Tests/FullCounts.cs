using System.Globalization;

namespace Dora.Tests;

/// <summary>
/// How long randomized tests run: a small seeded sample by default, the whole number of cases with <c>DORA_TEST_FULL=1</c>. <c>DORA_TEST_SEED</c> moves the
/// seeds, for cases that nobody has seen yet.
/// </summary>
internal static class FullCounts
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("DORA_TEST_FULL") == "1";

    public static int FirstSeed { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("DORA_TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int seed) ? seed : 0;

    public static int Of(int sample, int full) => IsOn ? full : sample;

    /// <summary>The seeds of a test.</summary>
    public static IEnumerable<int> Seeds(int sample, int full) => Enumerable.Range(FirstSeed, Of(sample, full));
}
