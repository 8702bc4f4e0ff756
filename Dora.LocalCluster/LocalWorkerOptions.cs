
namespace Dora.LocalCluster;

/// <summary>What <c>up</c> and <c>demo</c> tell every worker.</summary>
/// <param name="PageCapacityBytes">Cap on each worker's page store in bytes; <see langword="null"/> leaves the worker's default.</param>
/// <param name="PageDirectories">More directories for pages; each worker uses one named after it in each of them. <see langword="null"/> for none.</param>
internal sealed record LocalWorkerOptions(long? PageCapacityBytes, IReadOnlyList<PageDirectoryOption>? PageDirectories = null)
{
    /// <summary>Weights of single workers by id; others have the default.</summary>
    public IReadOnlyDictionary<string, string> Weights { get; init; } = new Dictionary<string, string>();

    /// <summary>More arguments for every worker.</summary>
    public IReadOnlyList<string> MoreArguments { get; init; } = [];
}
