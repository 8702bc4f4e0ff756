namespace Dora.Storage.Files;

/// <summary>What is at a path, as a caller is told.</summary>
/// <param name="Code">None when there is a file or a directory.</param>
/// <param name="Error">One line, what and what to do, when the code is not None.</param>
/// <param name="File">The file or directory when the code is None. Of a directory that is there because of the mounts, its UFS path is that of the mount, or empty.</param>
/// <param name="Id">Its id on the ring.</param>
/// <param name="FetchSize">Bytes that a miss fetches, by the mount; 0 for a directory that is there because of the mounts.</param>
/// <param name="FromStore">Whether the store was asked for it.</param>
public readonly record struct FileAnswer(
    DoraErrorCode Code, string? Error, FileMetadata? File = null, FileId Id = default, int FetchSize = 0, bool FromStore = false);
