namespace Dora.Grains.Mounts;

/// <summary>Tables made from tables. Pure: what is allowed is decided before, by <see cref="MountChecks"/>.</summary>
internal static class MountTableChanges
{
    /// <summary>The table with one more mount, which gets an id of its own.</summary>
    public static MountTable With(this MountTable table, Mount mount) => Numbered(table, [.. table.Mounts, mount with { Id = 0 }], table.Pins);

    /// <summary>The table without the mount at a path, and without the pins that cover nothing then.</summary>
    public static MountTable WithoutMount(this MountTable table, DoraPath path)
    {
        MountTable left = Numbered(table, [.. table.Mounts.Where(m => m.Path != path)], table.Pins);
        return new MountTable(left.Version, left.Mounts, left.Pins.Where(p => left.UfsRootsAt(p.Prefix).Any())) { LastMountId = left.LastMountId };
    }

    /// <summary>The table with a mount instead of the one at its path, whose id it keeps.</summary>
    public static MountTable WithChanged(this MountTable table, Mount mount) =>
        Numbered(table, [.. table.Mounts.Select(m => m.Path == mount.Path ? mount with { Id = m.Id } : m)], table.Pins);

    /// <summary>The table with other rules for the mount at a path.</summary>
    public static MountTable WithRules(this MountTable table, DoraPath path, CacheRules rules) =>
        Numbered(table, [.. table.Mounts.Select(m => m.Path == path ? m with { Rules = rules } : m)], table.Pins);

    /// <summary>The table with a pin, instead of the one that was at the same prefix.</summary>
    public static MountTable With(this MountTable table, Pin pin)
    {
        Pin[] others = [.. table.Pins.Where(p => p.Prefix != pin.Prefix)];
        byte id = table.Pins.FirstOrDefault(p => p.Prefix == pin.Prefix)?.Id ?? 0;
        if (id == 0)
        {
            id = (byte)Enumerable.Range(1, Pin.MaxPins).First(free => others.All(p => p.Id != free));
        }

        return Numbered(table, [.. table.Mounts], [.. others, pin with { Id = id }]);
    }

    /// <summary>The table without the pin at a prefix.</summary>
    public static MountTable WithoutPin(this MountTable table, DoraPath prefix) => Numbered(table, [.. table.Mounts], table.Pins.Where(p => p.Prefix != prefix));

    /// <summary>The next table. Mounts without an id (just added, or written by an older Dora) get one that was not given for the longest time.</summary>
    private static MountTable Numbered(MountTable table, Mount[] mounts, IEnumerable<Pin> pins)
    {
        ushort last = table.LastMountId;
        for (int i = 0; i < mounts.Length; i++)
        {
            while (mounts[i].Id == 0)
            {
                last = last == ushort.MaxValue ? (ushort)1 : (ushort)(last + 1);
                mounts[i] = Array.Exists(mounts, m => m.Id == last) ? mounts[i] : mounts[i] with { Id = last };
            }
        }

        return new MountTable(table.Version + 1, mounts, pins) { LastMountId = last };
    }
}
