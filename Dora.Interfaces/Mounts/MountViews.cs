namespace Dora.Interfaces;

/// <summary>A mount as it travels: text forms of <see cref="Mount"/>. Never carries credentials.</summary>
/// <param name="Path">Dora path.</param>
/// <param name="Ufs">Root in the store; see <see cref="UfsUri"/>.</param>
/// <param name="PageSize">Bytes; 0 asks for <see cref="PageGeometry.DefaultPageSize"/>.</param>
/// <param name="Freshness">See <see cref="Dora.Freshness.TryParse"/>; empty asks for <see cref="Dora.Freshness.Default"/>.</param>
[GenerateSerializer, Immutable, Alias("Dora.MountView")]
public sealed record MountView(
    [property: Id(0)] string Path,
    [property: Id(1)] string Ufs,
    [property: Id(2)] int PageSize,
    [property: Id(3)] string Freshness)
{
    /// <summary>The view of a mount.</summary>
    public static MountView From(Mount mount) => new(mount.Path.Value, mount.Ufs.Value, mount.PageSize, mount.Freshness.ToString());

    /// <summary>Checks and normalizes.</summary>
    /// <exception cref="DoraException">InvalidPath or InvalidArgument, naming what is wrong.</exception>
    public Mount ToMount()
    {
        Freshness rule = Dora.Freshness.Default;
        if (!string.IsNullOrEmpty(Freshness) && !Dora.Freshness.TryParse(Freshness, out rule, out string? error))
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, error);
        }

        var geometry = new PageGeometry(PageSize == 0 ? PageGeometry.DefaultPageSize : PageSize);
        return new Mount(DoraPath.Parse(Path), UfsUri.Parse(Ufs), geometry.PageSize, rule);
    }
}

/// <summary>The mount table as it travels.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Mounts">All mounts, ordered by path.</param>
[GenerateSerializer, Immutable, Alias("Dora.MountTableView")]
public sealed record MountTableView(
    [property: Id(0)] long Version,
    [property: Id(1)] MountView[] Mounts)
{
    /// <summary>The view of a table.</summary>
    public static MountTableView From(MountTable table) => new(table.Version, [.. table.Mounts.Select(MountView.From)]);

    /// <summary>The table of a view.</summary>
    public MountTable ToTable() => new(Version, Mounts.Select(static m => m.ToMount()));
}

/// <summary>The outcome of a change to the mount table.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="Table">The table after the call.</param>
[GenerateSerializer, Immutable, Alias("Dora.MountReply")]
public sealed record MountReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] MountTableView Table);
