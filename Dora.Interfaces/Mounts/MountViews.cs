namespace Dora.Interfaces;

/// <summary>A mount as it travels: text forms of <see cref="Mount"/>. Never carries credentials.</summary>
/// <param name="Path">Dora path.</param>
/// <param name="Ufs">Root in the store; see <see cref="UfsUri"/>.</param>
/// <param name="FetchSize">Bytes that a miss fetches together; 0 asks for <see cref="FetchGeometry.DefaultSize"/>.</param>
/// <param name="Freshness">See <see cref="Dora.Freshness.TryParse"/>; empty asks for <see cref="Dora.Freshness.Default"/>.</param>
/// <param name="QuotaBytes">See <see cref="CacheRules.QuotaBytes"/>.</param>
/// <param name="PageTtl">See <see cref="CacheRules.PageTtl"/>.</param>
/// <param name="Id">See <see cref="Mount.Id"/>; what a caller sets is not looked at.</param>
/// <param name="Replicas">See <see cref="Mount.Replicas"/>; 0 asks for 1.</param>
/// <param name="IsChange">The mount is there already, of the same store: it gets these options. A worker of an earlier version answers that it is there already.</param>
[GenerateSerializer, Immutable, Alias("Dora.MountView")]
public sealed record MountView(
    [property: Id(0)] string Path,
    [property: Id(1)] string Ufs,
    [property: Id(2)] int FetchSize,
    [property: Id(3)] string Freshness,
    [property: Id(4)] long QuotaBytes = 0,
    [property: Id(5)] TimeSpan PageTtl = default,
    [property: Id(6)] ushort Id = 0,
    [property: Id(7)] int Replicas = 0,
    [property: Id(8)] bool IsChange = false)
{
    /// <summary>The view of a mount.</summary>
    public static MountView From(Mount mount) => new(
        mount.Path.Value, mount.Ufs.Value, mount.FetchSize, mount.Freshness.ToString(), mount.Rules.QuotaBytes, mount.Rules.PageTtl, mount.Id, mount.Replicas);

    /// <summary>Checks and normalizes.</summary>
    /// <exception cref="DoraException">InvalidPath or InvalidArgument, naming what is wrong.</exception>
    public Mount ToMount()
    {
        Freshness rule = Dora.Freshness.Default;
        if (!string.IsNullOrEmpty(Freshness) && !Dora.Freshness.TryParse(Freshness, out rule, out string? error))
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, error);
        }

        var geometry = new FetchGeometry(FetchSize == 0 ? FetchGeometry.DefaultSize : FetchSize);
        int replicas = Replicas == 0 ? 1 : Replicas;
        if (replicas is < 1 or > Mount.MaxReplicas)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"{replicas} replicas: choose 1 to {Mount.MaxReplicas}");
        }

        return new Mount(DoraPath.Parse(Path), UfsUri.Parse(Ufs), geometry.Size, rule)
        {
            Id = Id,
            Rules = new CacheRules(QuotaBytes, PageTtl).Validated(),
            Replicas = replicas,
        };
    }
}

/// <summary>A pin as it travels.</summary>
/// <param name="Prefix">Dora path.</param>
/// <param name="SharePercent">See <see cref="Pin.SharePercent"/>.</param>
/// <param name="Id">See <see cref="Pin.Id"/>; what a caller sets is not looked at.</param>
[GenerateSerializer, Immutable, Alias("Dora.PinView")]
public sealed record PinView(
    [property: Id(0)] string Prefix,
    [property: Id(1)] int SharePercent,
    [property: Id(2)] byte Id = 0)
{
    /// <summary>The view of a pin.</summary>
    public static PinView From(Pin pin) => new(pin.Prefix.Value, pin.SharePercent, pin.Id);

    /// <summary>Checks and normalizes.</summary>
    /// <exception cref="DoraException">InvalidPath or InvalidArgument, naming what is wrong.</exception>
    public Pin ToPin() => Pin.IsShare(SharePercent)
        ? new Pin(DoraPath.Parse(Prefix), SharePercent) { Id = Id }
        : throw new DoraException(
            DoraErrorCode.InvalidArgument, $"a share of {SharePercent}% is not 1% to {Pin.MaxTotalPercent}% of each worker's page capacity: give one that is");
}

/// <summary>The mount table as it travels.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Mounts">All mounts, ordered by path.</param>
/// <param name="Pins">All pins, ordered by prefix; <see langword="null"/> from a worker that knows none yet.</param>
[GenerateSerializer, Immutable, Alias("Dora.MountTableView")]
public sealed record MountTableView(
    [property: Id(0)] long Version,
    [property: Id(1)] MountView[] Mounts,
    [property: Id(2)] PinView[]? Pins = null)
{
    /// <summary>The view of a table.</summary>
    public static MountTableView From(MountTable table) => new(
        table.Version, [.. table.Mounts.Select(MountView.From)], [.. table.Pins.Select(PinView.From)]);

    /// <summary>The table of a view.</summary>
    public MountTable ToTable() => new(Version, Mounts.Select(static m => m.ToMount()), (Pins ?? []).Select(static p => p.ToPin()));
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
