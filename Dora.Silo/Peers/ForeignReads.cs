namespace Dora.Silo.Peers;

/// <summary>What reads of files that this worker does not own are held to, and where all reads are noted.</summary>
/// <param name="Budget">Bounds requests to the store on behalf of other workers.</param>
/// <param name="Recent">Which files were read lately.</param>
internal sealed record ForeignReads(StoreBudget Budget, RecentFiles Recent)
{
    /// <summary>The longest wait for the budget. Shorter than a client's patience, so that it asks another worker instead.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(0.5);

    /// <summary>With a budget of so many requests per second, twice as many at once.</summary>
    public static ForeignReads Create(int perSecond, TimeProvider time) => new(new StoreBudget(perSecond, 2 * perSecond, MaxWait, time), new RecentFiles(time));
}
