namespace Dora;

/// <summary>A Dora path that stands for a root in a store.</summary>
/// <param name="Path">Where the mount is seen.</param>
/// <param name="Ufs">The root in the store.</param>
/// <param name="PageSize">Bytes per page; see <see cref="PageGeometry"/>.</param>
/// <param name="Freshness">When cached metadata is checked against the store.</param>
public sealed record Mount(DoraPath Path, UfsUri Ufs, int PageSize, Freshness Freshness)
{
    /// <summary>How files of this mount are cut into pages.</summary>
    public PageGeometry Geometry => new(PageSize);
}
