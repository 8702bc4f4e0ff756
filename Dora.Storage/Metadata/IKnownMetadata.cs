namespace Dora.Storage.Metadata;

/// <summary>Looks into what is remembered about UFS paths.</summary>
public interface IKnownMetadata
{
    /// <summary>Counters since start, and what is stored now.</summary>
    MetadataStoreStatistics Statistics { get; }

    /// <summary>What is remembered of a file, or <see langword="null"/>. Never blocks on the under store.</summary>
    FileMetadata? Get(FileId file);

    /// <summary>The same for callers that know the path: memory keeps no paths, so this spares the disk.</summary>
    /// <param name="file">The id of <paramref name="ufsPath"/>.</param>
    /// <param name="ufsPath">The path.</param>
    FileMetadata? Get(FileId file, string ufsPath);

    /// <summary>As <see cref="Get(FileId, string)"/> where that costs no wait: what memory has, without a disk and without a lock that is held while a disk works.</summary>
    /// <returns><see langword="null"/>: nothing is remembered, or <see cref="Get(FileId, string)"/> has to find it.</returns>
    FileMetadata? TryGetFromMemory(FileId file, string ufsPath);

    /// <summary>The files and directories that are remembered at and below a UFS path, in path order, streamed from a snapshot. No negative entries.</summary>
    IEnumerable<FileMetadata> EnumerateUnder(string ufsPath);
}
