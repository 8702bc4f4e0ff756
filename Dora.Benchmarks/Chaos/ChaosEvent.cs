namespace Dora.Benchmarks.Chaos;

/// <summary>One thing that was done to the cluster, and what the readers saw of it.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Reads">Reads from its start to the end of its watch.</param>
/// <param name="P99Before">99 % of the reads before it kept this, in ms.</param>
/// <param name="P99During">99 % of the reads from its start until the recovery, or of the first 3 s, kept this, in ms.</param>
/// <param name="RecoverMs">How long it took until the 99 % of a window were below twice what they were before, and stayed there.</param>
/// <param name="LongestMs">The longest read.</param>
/// <param name="OriginBytes">Bytes asked of the store meanwhile.</param>
/// <param name="PeerBytes">Bytes that came from other workers' caches instead.</param>
internal sealed record ChaosEvent(
    string Name, int Reads, double P99Before, double P99During, double RecoverMs, double LongestMs, long OriginBytes, long PeerBytes);

/// <summary>The whole run.</summary>
/// <param name="Reads">Reads in all.</param>
/// <param name="Failed">Reads that failed.</param>
/// <param name="Wrong">Reads that gave a wrong byte.</param>
/// <param name="Events">What was done.</param>
/// <param name="OriginBytes">Bytes asked of the store from the first event on.</param>
/// <param name="Problems">The first failures, in words.</param>
internal sealed record ChaosResult(
    long Reads, long Failed, long Wrong, IReadOnlyList<ChaosEvent> Events, long OriginBytes, IReadOnlyCollection<string> Problems);
