using System.Collections.Immutable;

namespace Dora;

/// <summary>
/// An immutable snapshot of all mounts. Dora paths map to UFS paths by the longest mount prefix; UFS paths map back to the mount with the
/// longest root, so that one UFS path always has one page geometry, whichever mounts show it.
/// </summary>
public sealed class MountTable
{
    private readonly PathPrefixes<Mount> _byPath;
    private readonly PathPrefixes<Mount> _byUfs;
    private readonly PathPrefixes<Pin> _pinsByUfs;

    /// <summary>Creates the snapshot.</summary>
    /// <param name="version">Grows with every change; 0 is the empty table of a new cluster.</param>
    /// <param name="mounts">The mounts; no two at one path.</param>
    /// <param name="pins">The pins; no two at one path.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.AlreadyExists"/>: two mounts, or two pins, at one path.</exception>
    public MountTable(long version, IEnumerable<Mount> mounts, IEnumerable<Pin>? pins = null)
    {
        Version = version;
        Mounts = [.. mounts.OrderBy(static m => m.Path)];
        Mount? twice = Mounts.Zip(Mounts.Skip(1)).Where(static p => p.First.Path == p.Second.Path).Select(static p => p.First).FirstOrDefault();
        if (twice is not null)
        {
            throw new DoraException(DoraErrorCode.AlreadyExists, $"two mounts at '{twice.Path}': remove one");
        }

        // Ties between equal roots go to the smaller Dora path.
        _byPath = new PathPrefixes<Mount>(Mounts.Select(static m => (PrefixOf(m.Path), m)));
        _byUfs = new PathPrefixes<Mount>(Mounts.Select(static m => (m.Ufs.Directory, m)));
        Pins = [.. (pins ?? []).OrderBy(static p => p.Prefix)];
        if (Pins.Zip(Pins.Skip(1)).FirstOrDefault(static p => p.First.Prefix == p.Second.Prefix).First is { } repeated)
        {
            throw new DoraException(DoraErrorCode.AlreadyExists, $"two pins at '{repeated.Prefix}': remove one");
        }

        // Of the pins that cover a root the longest prefix.
        _pinsByUfs = new PathPrefixes<Pin>(
            Pins.OrderByDescending(static p => p.Prefix.Value.Length).SelectMany(p => UfsRootsAt(p.Prefix).Select(root => (UfsUri.Parse(root).Directory, p))));
    }

    /// <summary>A table without mounts, version 0.</summary>
    public static MountTable Empty { get; } = new(0, []);

    /// <summary>Grows with every change.</summary>
    public long Version { get; }

    /// <summary>All mounts, ordered by path.</summary>
    public ImmutableArray<Mount> Mounts { get; }

    /// <summary>All pins, ordered by prefix.</summary>
    public ImmutableArray<Pin> Pins { get; }

    /// <summary>The last <see cref="Mount.Id"/> that was given, so that the next mount gets another one than a mount that was removed.</summary>
    public ushort LastMountId { get; init; }

    /// <summary>Finds the mount and the UFS path of a Dora path.</summary>
    /// <returns><see langword="null"/> when the path is under no mount.</returns>
    public MountedPath? Resolve(DoraPath path) =>
        _byPath.TryFind(PrefixOf(path), out Mount? mount) ? new MountedPath(mount, path.RelativeTo(mount.Path)) : null;

    /// <summary>Finds the mount that decides page size and credentials of a full UFS path.</summary>
    /// <returns><see langword="null"/> when no mount's root covers the path.</returns>
    public MountedPath? ResolveUfs(string ufsPath) =>
        MountOfUfs(ufsPath) is { } mount && mount.Ufs.TryGetRelative(ufsPath, out string relative) ? new MountedPath(mount, relative) : null;

    /// <summary>As <see cref="ResolveUfs"/> without the path below the mount: cheap enough for every read.</summary>
    public Mount? MountOfUfs(string ufsPath) => _byUfs.TryFind(ufsPath, out Mount? mount) ? mount : null;

    /// <summary>The mount with an id, or <see langword="null"/> when it is gone. Looks at one after the other: not for every read.</summary>
    internal Mount? Find(ushort id)
    {
        foreach (Mount mount in Mounts)
        {
            if (mount.Id == id)
            {
                return mount;
            }
        }

        return null;
    }

    /// <summary>The pin that covers a full UFS path, or <see langword="null"/>.</summary>
    public Pin? PinOfUfs(string ufsPath) => _pinsByUfs.TryFind(ufsPath, out Pin? pin) ? pin : null;

    /// <summary>Whether a path is a directory because of the mounts, whatever the stores have: the root, and what lies above a mount.</summary>
    internal bool IsAboveMounts(DoraPath path) => path.IsRoot || _byPath.AnyBelow(path.Value);

    /// <summary>The UFS roots of what is at and below a Dora path: the path's own when it is mounted, and those of the mounts below it.</summary>
    public IEnumerable<string> UfsRootsAt(DoraPath path)
    {
        IEnumerable<string> below = Mounts.Where(m => m.Path.IsAtOrUnder(path)).Select(static m => m.Ufs.Value);
        return Resolve(path) is { } mounted ? below.Append(mounted.UfsPath).Distinct(StringComparer.Ordinal) : below;
    }

    /// <summary>The names that mounts give to a directory that is above them: the children of <paramref name="directory"/> on the way to mounts.</summary>
    public IEnumerable<string> ChildNames(DoraPath directory) =>
        Mounts
            .Where(m => m.Path != directory && m.Path.IsAtOrUnder(directory))
            .Select(m => m.Path.RelativeTo(directory).Split('/')[0])
            .Distinct(StringComparer.Ordinal);

    /// <summary>
    /// The id that places a path on the ring: of its UFS path when mounted, else of the Dora path itself (directories above mounts).
    /// </summary>
    public FileId FileIdOf(DoraPath path) => FileId.FromUfsPath(Resolve(path)?.UfsPath ?? "dora://" + path.Value);

    private static string PrefixOf(DoraPath path) => path.IsRoot ? string.Empty : path.Value;
}
