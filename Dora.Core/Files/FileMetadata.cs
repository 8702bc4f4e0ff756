namespace Dora;

/// <summary>What a worker knows about one UFS path: a file, a directory, or that nothing is there (a negative entry).</summary>
public sealed record FileMetadata
{
    /// <summary>Creates metadata and computes its file id.</summary>
    /// <param name="ufsPath">See <see cref="UfsPath"/>.</param>
    /// <param name="kind">See <see cref="Kind"/>.</param>
    /// <param name="length">See <see cref="Length"/>.</param>
    /// <param name="lastModified">See <see cref="LastModified"/>.</param>
    /// <param name="version">See <see cref="Version"/>.</param>
    /// <param name="loadedAt">See <see cref="LoadedAt"/>.</param>
    public FileMetadata(string ufsPath, FileKind kind, long length, DateTimeOffset lastModified, FileVersion version, DateTimeOffset loadedAt)
        : this(FileId.FromUfsPath(ufsPath), ufsPath, kind, length, lastModified, version, loadedAt)
    {
    }

    private FileMetadata(FileId id, string ufsPath, FileKind kind, long length, DateTimeOffset lastModified, FileVersion version, DateTimeOffset loadedAt)
    {
        (Id, UfsPath, Kind, Length, LastModified, Version, LoadedAt) = (id, ufsPath, kind, length, lastModified, version, loadedAt);
    }

    /// <summary>The file id.</summary>
    public FileId Id { get; }

    /// <summary>The full UFS path, for example <c>file:///data/a.bin</c>; the source of <see cref="Id"/>.</summary>
    public string UfsPath { get; }

    /// <summary>What is there.</summary>
    public FileKind Kind { get; init; }

    /// <summary>Length in bytes; 0 unless <see cref="FileKind.File"/>.</summary>
    public long Length { get; init; }

    /// <summary>Last-modified time in UTC; the default value (year 1) when nobody knows one.</summary>
    public DateTimeOffset LastModified { get; init; }

    /// <summary>The content's tag; <see cref="FileVersion.None"/> unless <see cref="FileKind.File"/>.</summary>
    public FileVersion Version { get; init; }

    /// <summary>Wall-clock UTC at which the store was asked; ages are counted from it and survive restarts.</summary>
    public DateTimeOffset LoadedAt { get; init; }

    /// <summary>Metadata whose id is known already, which spares the hash of the path.</summary>
    /// <param name="id">The id; must be that of <paramref name="ufsPath"/>.</param>
    /// <param name="ufsPath">See <see cref="UfsPath"/>.</param>
    /// <param name="kind">See <see cref="Kind"/>.</param>
    /// <param name="length">See <see cref="Length"/>.</param>
    /// <param name="lastModified">See <see cref="LastModified"/>.</param>
    /// <param name="version">See <see cref="Version"/>.</param>
    /// <param name="loadedAt">See <see cref="LoadedAt"/>.</param>
    public static FileMetadata Restore(
        FileId id, string ufsPath, FileKind kind, long length, DateTimeOffset lastModified, FileVersion version, DateTimeOffset loadedAt) =>
        new(id, ufsPath, kind, length, lastModified, version, loadedAt);

    /// <summary>A negative entry: the store was asked and has nothing there.</summary>
    public static FileMetadata Missing(string ufsPath, DateTimeOffset loadedAt) =>
        new(ufsPath, FileKind.Missing, 0, DateTimeOffset.UnixEpoch, FileVersion.None, loadedAt);
}
