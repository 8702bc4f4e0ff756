namespace Dora.Storage.Files;

/// <summary>The outcome of a metadata question.</summary>
/// <param name="Code">None when <paramref name="Metadata"/> is a file or directory; NotFound with a negative entry; else why not.</param>
/// <param name="Metadata">What is known; <see langword="null"/> when the store could not be asked.</param>
/// <param name="Error">One line, set when the code is neither None nor NotFound.</param>
/// <param name="FromStore">Whether the store was asked for it.</param>
public readonly record struct CatalogResult(DoraErrorCode Code, FileMetadata? Metadata, string? Error = null, bool FromStore = false);
