namespace Dora.Storage.Files;

/// <summary>What a worker remembers of files; never asks the under store.</summary>
public interface IKnownFiles
{
    /// <summary>
    /// Grows whenever something is forgotten or remembered otherwise than before, so that who keeps an answer knows that it still holds. -1: nobody may keep any.
    /// </summary>
    long Changes { get; }

    /// <summary>What memory has and is still fresh by the mount's rule. Waits for nothing, neither the under store nor a disk, so that a thread that serves many may call it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="file">Its file id.</param>
    /// <returns><see langword="null"/>: <see cref="IFileCatalog.GetAsync"/> knows more.</returns>
    FileMetadata? TryGetFresh(MountedPath path, FileId file);

    /// <summary>What is remembered of a file, however old; never asks the under store.</summary>
    FileMetadata? TryGetKnown(FileId file);

    /// <summary>As <see cref="TryGetKnown(FileId)"/> for who knows the path.</summary>
    FileMetadata? TryGetKnown(FileId file, string ufsPath);

    /// <summary>The files and directories that are remembered at and below a UFS path.</summary>
    IEnumerable<FileMetadata> EnumerateUnder(string ufsPath);
}
