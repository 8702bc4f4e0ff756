namespace Dora.Storage.Metadata;

/// <summary>
/// The lower level of the two. Reads that meet damage answer "not there"; writes say whether the disk took them. Writes of one file must not run at once:
/// the level above sees to it.
/// </summary>
internal interface IMetadataDisk : IMetadataSweeps, IMetadataScan, IDisposable
{
    /// <summary>A live entry, or <see langword="null"/>.</summary>
    FileMetadata? Get(FileId file);

    /// <returns><see langword="null"/>, or why the disk refused.</returns>
    string? TryPut(FileMetadata metadata);

    /// <summary>Puts entries of different files in one write, all or none.</summary>
    /// <returns><see langword="null"/>, or why the disk refused.</returns>
    string? TryPutMany(IEnumerable<FileMetadata> entries);

    /// <returns><see langword="null"/>, or why the disk refused; removing what is not there succeeds.</returns>
    string? TryRemove(FileId file);

    /// <summary>Makes the next start throw the directory away; the present run goes on.</summary>
    void MarkForRebuild();
}
