namespace Dora.Interfaces;

/// <summary>Files to be made cached.</summary>
/// <param name="Files">The files as they were listed, 1 to <see cref="MaxFiles"/>: what the worker knows since then is fresh enough, whatever the mount's rule.</param>
/// <param name="Parallelism">How many of them are loaded at a time, 1 or more.</param>
[GenerateSerializer, Immutable, Alias("Dora.LoadBatch")]
public sealed record LoadBatch([property: Id(0)] FileStat[] Files, [property: Id(1)] int Parallelism)
{
    /// <summary>The most files in a batch: 1,024.</summary>
    public const int MaxFiles = 1024;
}

/// <summary>How a batch ended.</summary>
/// <param name="Code">None, or why no file was begun.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="Begun">How many files, from the first of the batch on, were begun; all others are as they were.</param>
/// <param name="BytesLoaded">Bytes fetched from the store and cached.</param>
/// <param name="BytesPresent">Bytes that were cached already.</param>
/// <param name="Failures">Those of the begun files that could not be loaded, by their index.</param>
/// <param name="Slow">Indices of begun files whose bytes are still on their way: they took longer than a batch waits for one. Load them by themselves.</param>
[GenerateSerializer, Immutable, Alias("Dora.LoadBatchReply")]
public sealed record LoadBatchReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] int Begun,
    [property: Id(3)] long BytesLoaded,
    [property: Id(4)] long BytesPresent,
    [property: Id(5)] LoadFailure[] Failures,
    [property: Id(6)] int[] Slow)
{
    /// <summary>Of each begun file the bytes that were fetched; <see langword="null"/> when none were, or the worker is of a version that does not say.</summary>
    [Id(7)] public long[]? Fetched { get; init; }
}

/// <summary>A file of a batch that could not be loaded.</summary>
/// <param name="Index">Which file of the batch.</param>
/// <param name="Code">Why not.</param>
/// <param name="Message">One line.</param>
[GenerateSerializer, Immutable, Alias("Dora.LoadFailure")]
public sealed record LoadFailure([property: Id(0)] int Index, [property: Id(1)] DoraErrorCode Code, [property: Id(2)] string Message);
