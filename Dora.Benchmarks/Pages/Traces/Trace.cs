namespace Dora.Benchmarks.Pages.Traces;

/// <summary>A sequence of page reads.</summary>
/// <param name="Name">What it models.</param>
/// <param name="Pages">How many different pages there are; cache sizes are shares of it.</param>
/// <param name="Reads">The pages, in order.</param>
/// <param name="LruIsBeatable">Whether a policy that resists scans can be expected to do better than LRU at every size.</param>
internal sealed record Trace(string Name, int Pages, int[] Reads, bool LruIsBeatable = true);
