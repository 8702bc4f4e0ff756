using Dora.Storage.Ufs;

namespace Dora.Grains.Mounts;

/// <summary>What must hold before a mount is taken into the table.</summary>
internal sealed class MountChecks(IUfsProvider stores)
{
    /// <summary>The most mounts a cluster can have: the table is in every client and on every listing above mounts.</summary>
    public const int MaxMounts = 1000;

    /// <summary>Checks a mount against the table, without asking the store.</summary>
    /// <returns>Why not, or <see langword="null"/>.</returns>
    public static (DoraErrorCode Code, string Message)? AgainstTable(Mount mount, MountTable table)
    {
        if (table.Mounts.FirstOrDefault(m => m.Path == mount.Path) is { } same)
        {
            return (DoraErrorCode.AlreadyExists,
                $"'{mount.Path}' is a mount of '{same.Ufs}' already: choose another path, or remove it first (dora mount remove {mount.Path})");
        }

        if (table.Mounts.Length >= MaxMounts)
        {
            return (DoraErrorCode.Busy, $"the cluster has {MaxMounts} mounts, the most it can have: remove one first (dora mount remove PATH)");
        }

        return null;
    }

    /// <summary>Checks other options for a mount that must be there, of the same store.</summary>
    /// <returns>Why not, or <see langword="null"/>.</returns>
    public static (DoraErrorCode Code, string Message)? Change(Mount mount, MountTable table) => table.Mounts.FirstOrDefault(m => m.Path == mount.Path) switch
    {
        null => NoMount(mount.Path),
        { } there when there.Ufs != mount.Ufs => (DoraErrorCode.AlreadyExists, $"'{mount.Path}' is a mount of '{there.Ufs}', not of '{mount.Ufs}': remove it first (dora mount remove {mount.Path})"),
        _ => null,
    };

    /// <summary>Nothing is mounted at exactly a path.</summary>
    public static (DoraErrorCode Code, string Message) NoMount(DoraPath path) => (DoraErrorCode.NotFound, $"there is no mount at '{path}': see the mounts (dora mount list)");

    /// <summary>Checks a pin against the table that it is to join.</summary>
    /// <returns>Why not, or <see langword="null"/>.</returns>
    public static (DoraErrorCode Code, string Message)? AgainstTable(Pin pin, MountTable table)
    {
        if (!table.UfsRootsAt(pin.Prefix).Any())
        {
            return (DoraErrorCode.NotMounted, FileMessages.NotMounted(pin.Prefix));
        }

        Pin[] others = [.. table.Pins.Where(p => p.Prefix != pin.Prefix)];
        if (others.Length >= Pin.MaxPins)
        {
            return (DoraErrorCode.Busy, $"the cluster has {Pin.MaxPins} pins, the most it can have: remove one first (dora unpin PATH)");
        }

        int taken = others.Sum(static p => p.SharePercent);
        return taken + pin.SharePercent <= Pin.MaxTotalPercent
            ? null
            : (DoraErrorCode.InvalidArgument,
                $"{pin.SharePercent}% for '{pin.Prefix}' and {taken}% for other pins are more than {Pin.MaxTotalPercent}%, the most that all pins may have: give a smaller share, or remove a pin (dora pins)");
    }

    /// <summary>Checks that the store can be reached, and has a readable directory at the mount's root.</summary>
    /// <returns>Why not, or <see langword="null"/>.</returns>
    public async Task<(DoraErrorCode Code, string Message)?> AgainstStoreAsync(Mount mount, CancellationToken cancellationToken)
    {
        if (!stores.Schemes.Contains(mount.Ufs.Scheme))
        {
            string known = string.Join(", ", stores.Schemes.Order(StringComparer.Ordinal));
            return (DoraErrorCode.NotSupported, $"there is no connector for '{mount.Ufs.Scheme}' in '{mount.Ufs}': use one of {known}");
        }

        IUfs store = stores.Open(mount.Ufs);
        UfsStatResult stat = await store.StatAsync(string.Empty, cancellationToken);
        if (stat.Status != UfsStatus.Ok)
        {
            return Explain(mount, stat.Status, stat.Error);
        }

        if (stat.Stat.Kind != FileKind.Directory)
        {
            return (DoraErrorCode.NotDirectory, $"'{mount.Ufs}' is a file: mount a directory");
        }

        UfsListResult list = await store.ListAsync(string.Empty, null, 1, cancellationToken);
        return list.Status == UfsStatus.Ok ? null : Explain(mount, list.Status, list.Error);
    }

    private static (DoraErrorCode Code, string Message) Explain(Mount mount, UfsStatus status, string? error) => status switch
    {
        UfsStatus.NotFound => (DoraErrorCode.NotFound, $"'{mount.Ufs}' does not exist where the worker runs: create it, or mount another directory"),
        UfsStatus.Denied => (DoraErrorCode.Denied, $"'{mount.Ufs}' cannot be read by the worker's user: give it the right, or mount another directory"),
        _ => (status.ToErrorCode(), error ?? $"'{mount.Ufs}' cannot be mounted ({status}): check the store"),
    };
}
