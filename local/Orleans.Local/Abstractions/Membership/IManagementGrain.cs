namespace Orleans.Runtime;

/// <summary>Questions about the cluster; the key is 0.</summary>
[Alias("Orleans.Runtime.IManagementGrain")]
public interface IManagementGrain : IGrainWithIntegerKey
{
    [Alias("GetHosts")]
    Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false);

    [Alias("GetDetailedHosts")]
    Task<MembershipEntry[]> GetDetailedHosts(bool onlyActive = false);

    [Alias("GetTotalActivationCount")]
    Task<int> GetTotalActivationCount();

    [Alias("GetActivationAddress")]
    ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference);

    /// <summary>Deactivates every activation that has been idle for at least that long.</summary>
    [Alias("ForceActivationCollection")]
    Task ForceActivationCollection(TimeSpan ageLimit);

    [Alias("GetActiveGrains")]
    ValueTask<List<GrainId>> GetActiveGrains(GrainType type);
}
