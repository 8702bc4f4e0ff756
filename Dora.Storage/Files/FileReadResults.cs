namespace Dora.Storage.Files;

/// <summary>How a read treats misses.</summary>
public enum FileReadMode
{
    /// <summary>Fetch what is missing and store it.</summary>
    Cached = 0,

    /// <summary>As <see cref="Cached"/>, and the reader goes forward: fetch whole pages.</summary>
    Sequential,

    /// <summary>Fetch what is missing and store nothing.</summary>
    StoreDirect,

    /// <summary>Fetch nothing: give what is cached from the start of the range on, which may be less than asked for or nothing.</summary>
    CachedOnly,
}

/// <summary>The outcome of a read.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Bytes">Bytes delivered; fewer than asked only at the end of the file, or when only cached bytes were wanted.</param>
/// <param name="BytesFromStore">Of these, bytes fetched from the under store.</param>
/// <param name="Error">One line, set when the code is not None.</param>
public readonly record struct FileReadResult(DoraErrorCode Code, int Bytes, int BytesFromStore, string? Error = null);

/// <summary>The outcome of a load.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="BytesLoaded">Bytes fetched from the under store and stored.</param>
/// <param name="BytesPresent">Bytes that were cached already.</param>
/// <param name="Error">One line, set when the code is not None.</param>
public readonly record struct FileLoadResult(DoraErrorCode Code, long BytesLoaded, long BytesPresent, string? Error = null);
