namespace Dora.Storage.Pages.Eviction;

/// <summary>The policies that fit an append-only log with one byte per record (docs/page-store-eviction.md).</summary>
internal enum EvictionPolicyKind
{
    /// <summary><see cref="FrequencyEviction"/>, the default.</summary>
    Frequency = 0,

    /// <summary><see cref="SieveEviction"/>.</summary>
    Sieve,

    /// <summary><see cref="FifoEviction"/>.</summary>
    Fifo,
}

/// <summary>Makes policies; a directory has one of its own.</summary>
internal static class EvictionPolicies
{
    internal static IEvictionPolicy Create(EvictionPolicyKind kind, long capacityBytes) => kind switch
    {
        EvictionPolicyKind.Frequency => new FrequencyEviction(capacityBytes),
        EvictionPolicyKind.Sieve => new SieveEviction(),
        EvictionPolicyKind.Fifo => new FifoEviction(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such eviction policy"),
    };
}
