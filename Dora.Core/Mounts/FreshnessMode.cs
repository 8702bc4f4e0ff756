namespace Dora;

/// <summary>The kinds of <see cref="Freshness"/>. Frozen on disk and on the wire.</summary>
public enum FreshnessMode : byte
{
    /// <summary>At most <see cref="Freshness.MaxAge"/> old.</summary>
    MaxAge = 0,

    /// <summary>Never asked again.</summary>
    Immutable = 1,

    /// <summary>Asked at every open.</summary>
    ValidateOnOpen = 2,
}
