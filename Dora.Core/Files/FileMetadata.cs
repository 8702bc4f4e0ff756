namespace Dora;

/// <summary>What a worker knows about one UFS path: a file, a directory, or that nothing is there (a negative entry).</summary>
/// <param name="UfsPath">The full UFS path, for example <c>file:///data/a.bin</c>; the source of <see cref="Id"/>.</param>
/// <param name="Kind">What is there.</param>
/// <param name="Length">Length in bytes; 0 unless <see cref="FileKind.File"/>.</param>
/// <param name="LastModified">The store's last-modified time in UTC; the Unix epoch when the store gives none.</param>
/// <param name="Version">The content's tag; <see cref="FileVersion.None"/> unless <see cref="FileKind.File"/>.</param>
/// <param name="LoadedAt">Wall-clock UTC at which the store was asked; ages are counted from it and survive restarts.</param>
public sealed record FileMetadata(
    string UfsPath,
    FileKind Kind,
    long Length,
    DateTimeOffset LastModified,
    FileVersion Version,
    DateTimeOffset LoadedAt)
{
    /// <summary>The file id.</summary>
    public FileId Id { get; } = FileId.FromUfsPath(UfsPath);

    /// <summary>A negative entry: the store was asked and has nothing there.</summary>
    public static FileMetadata Missing(string ufsPath, DateTimeOffset loadedAt) =>
        new(ufsPath, FileKind.Missing, 0, DateTimeOffset.UnixEpoch, FileVersion.None, loadedAt);
}
