namespace Dora.Storage.Ufs;

/// <summary>What a store can do beyond stat, ranged read and list.</summary>
[Flags]
public enum UfsCapabilities
{
    /// <summary>Reading only.</summary>
    None = 0,

    /// <summary>Files can be created, replaced and deleted.</summary>
    Write = 1,

    /// <summary>The store gives a strong tag (ETag or content hash), so every change is seen.</summary>
    StrongVersions = 2,

    /// <summary>Can be asked about a file on condition that it has changed (HTTP's If-None-Match): <see cref="IUfs.StatIfChangedAsync"/>.</summary>
    ConditionalStat = 4,
}
