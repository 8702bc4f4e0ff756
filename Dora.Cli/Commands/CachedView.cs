using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

/// <summary>How much of a file is cached, where and in which version, for people and programs.</summary>
internal static class CachedView
{
    /// <summary>What programs get; null when it is not known, or of a directory.</summary>
    public static object? Of(IReadOnlyList<CachedCopy>? copies) => copies?.Select(static c => new { Worker = c.Worker.Value, c.IsOwner, Version = c.Version.ToString(), c.Bytes });

    /// <summary>For example <c>12.0 MiB (100 %) on w1, its owner</c>, a line for each worker that has something.</summary>
    public static IEnumerable<string> Lines(FileStat file, IReadOnlyList<CachedCopy> copies) => copies.Count == 0
        ? ["nothing"]
        : copies.Select(copy => $"{Format.Bytes(copy.Bytes)} ({Share(file, copy)}) on {copy.Worker}, {(copy.IsOwner ? "its owner" : "a copy")}");

    /// <summary>For example <c>100 %</c>; of another version than the file's, that.</summary>
    public static string Share(FileStat file, CachedCopy copy) =>
        copy.Version.Value != file.Version ? $"of version {copy.Version}"
        : copy.Bytes == file.Length ? "100 %"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Clamp(100.0 * copy.Bytes / file.Length, 0.1, 99.9):0.0} %");

    /// <summary>The same in one short column: the owner's share, or another's when it has none, and who has something.</summary>
    public static string Cell(FileStat file, IReadOnlyList<CachedCopy>? copies) =>
        copies is null || copies.Count == 0 ? "-"
        : $"{(copies[0].Version.Value == file.Version ? Share(file, copies[0]) : "old")} {string.Join(',', copies.Select(static c => c.Worker))}";

    /// <summary>What is cached of a file; null when a worker does not tell, which is no reason not to show the rest.</summary>
    public static async Task<IReadOnlyList<CachedCopy>?> TryFindAsync(DoraClient client, FileStat file, Action<string> note, CancellationToken cancellationToken)
    {
        try
        {
            return file.Kind == FileKind.File ? await client.Cache.FindAsync(file.Path, cancellationToken) : null;
        }
        catch (DoraException e)
        {
            note(e.Message);
            return null;
        }
    }
}
