namespace Dora.Storage.Pages;

/// <summary>What a mount's pages may take.</summary>
/// <param name="QuotaBytes">The most bytes of disk of the mount's pages over all directories; 0 for no limit. When it is reached the mount's own pages go.</param>
/// <param name="TimeToLive">How long after it was put a page is served; zero for ever.</param>
public readonly record struct PageMountRule(long QuotaBytes, TimeSpan TimeToLive);
