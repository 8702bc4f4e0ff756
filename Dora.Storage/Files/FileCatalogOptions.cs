namespace Dora.Storage.Files;

/// <summary>How a worker remembers metadata.</summary>
public sealed record FileCatalogOptions
{
    /// <summary>
    /// How long "nothing is there" is believed, where the mount's rule does not say less. Short, because a file that appears is waited for more often
    /// than a file that goes; long enough that a program that asks in a loop does not ask the store each time. Zero: never believed. Default: 3 seconds.
    /// </summary>
    public TimeSpan NegativeMaxAge { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How far the clocks of two workers may differ. Default: 1 minute. What another worker listed up to this long after something was forgotten here is not remembered: it may be what
    /// was forgotten. Zero is right on one machine; too small a value could bring back for a mount's maximum age what was invalidated.
    /// </summary>
    public TimeSpan ClockDifference { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Which files' entries of a listing are remembered: those that are asked for here. Default: all.</summary>
    public Func<FileId, bool> RemembersListed { get; init; } = static _ => true;

    /// <summary>How many entries of one page of a listing are remembered; the rest is passed on only. Zero: none. Default: 10,000 (a whole page).</summary>
    public int MaxRememberedPerListing { get; init; } = 10_000;
}
