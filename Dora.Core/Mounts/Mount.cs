namespace Dora;

/// <summary>A Dora path that stands for a root in a store.</summary>
/// <param name="Path">Where the mount is seen.</param>
/// <param name="Ufs">The root in the store.</param>
/// <param name="FetchSize">Bytes that a miss fetches together; see <see cref="FetchGeometry"/>.</param>
/// <param name="Freshness">When cached metadata is checked against the store.</param>
public sealed record Mount(DoraPath Path, UfsUri Ufs, int FetchSize, Freshness Freshness)
{
    /// <summary>
    /// Names the mount in the cluster and tags its cached pages: 1 to 65,535, given when the mount is added and not given again while it can be
    /// avoided. 0: none yet.
    /// </summary>
    public ushort Id { get; init; }

    /// <summary>How much is cached of the mount, and how long.</summary>
    public CacheRules Rules { get; init; }

    /// <summary>The most replicas a mount can ask for.</summary>
    public const int MaxReplicas = 8;

    /// <summary>Over how many of its first owners the reads of a file are spread, 1 (default) to <see cref="MaxReplicas"/>; each keeps a copy of what it is asked.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>How files of this mount are cut for fetching.</summary>
    public FetchGeometry Geometry => new(FetchSize);
}
