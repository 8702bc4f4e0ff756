namespace Dora.Benchmarks.Ring;

/// <summary>A contender.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Build">Builds the ring for members ordered by id.</param>
/// <param name="MaxMembers">Where it gets too slow or too large to be worth the wait.</param>
/// <param name="IsChosen">Whether it is the one Dora uses: targets are held against it.</param>
internal sealed record RingAlgorithm(string Name, Func<RingMember[], IRing> Build, int MaxMembers = int.MaxValue, bool IsChosen = false);
