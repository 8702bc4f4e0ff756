namespace Dora;

/// <summary>A path below a mount.</summary>
/// <param name="Mount">The mount.</param>
/// <param name="Relative">Path below the mount's root, without a leading slash; empty for the root itself.</param>
public readonly record struct MountedPath(Mount Mount, string Relative)
{
    /// <summary>The full UFS path.</summary>
    public string UfsPath => Mount.Ufs.Combine(Relative);
}
