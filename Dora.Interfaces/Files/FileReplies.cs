namespace Dora.Interfaces;

/// <summary>The outcome of a stat.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line (what, where, what to do); <see langword="null"/> when the code is None.</param>
/// <param name="Stat">Set when the code is None.</param>
[GenerateSerializer, Immutable, Alias("Dora.FileReply")]
public sealed record FileReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] FileStat? Stat);

/// <summary>The outcome of one page of a listing.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="Entries">The entries, in name order.</param>
/// <param name="Continuation">Where the next page starts, or <see langword="null"/> after the last.</param>
/// <param name="Skipped">How many entries of the store this page leaves out.</param>
[GenerateSerializer, Immutable, Alias("Dora.ListReply")]
public sealed record ListReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] FileStat[] Entries,
    [property: Id(3)] string? Continuation,
    [property: Id(4)] int Skipped)
{
    /// <summary>What this page leaves out, by reason. A worker of an earlier version tells <see cref="Skipped"/> only.</summary>
    [Id(5)]
    public SkippedEntries[] SkippedEntries
    {
        get => field ?? (Skipped > 0 ? [new SkippedEntries(SkipReason.Unknown, Skipped, [])] : []);
        init;
    }

    /// <summary>
    /// Which directory was listed: the same for every path that leads to it. See <see cref="FileStat.DirectoryId"/>. 0: the directory exists only above mounts, the store has no such identity, or
    /// this page has mounts only.
    /// </summary>
    [Id(6)] public UInt128 DirectoryId { get; init; }
}

/// <summary>The outcome of dropping cached data.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="Files">Files that had something cached; on one worker: that it owns.</param>
/// <param name="Bytes">Bytes of pages freed of those, copies on other workers than the owner left out.</param>
/// <param name="Copies">Files of other owners that had something cached on a worker: counted on each that had it.</param>
/// <param name="CopyBytes">Bytes of pages freed of those.</param>
[GenerateSerializer, Immutable, Alias("Dora.FreeReply")]
public sealed record FreeReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] long Files,
    [property: Id(3)] long Bytes,
    [property: Id(4)] long Copies = 0,
    [property: Id(5)] long CopyBytes = 0);

/// <summary>The outcome of loading a range.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="BytesLoaded">Bytes fetched from the store and cached.</param>
/// <param name="BytesPresent">Bytes that were cached already.</param>
[GenerateSerializer, Immutable, Alias("Dora.LoadReply")]
public sealed record LoadReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] long BytesLoaded,
    [property: Id(3)] long BytesPresent);
