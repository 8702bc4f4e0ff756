using System.Collections.Concurrent;
using Dora.Storage.Ufs;

namespace Dora.Tests.Doubles;

/// <summary>A store of files with content. A write makes a new version.</summary>
internal sealed class InMemoryUfs : IUfs
{
    private readonly ConcurrentDictionary<string, (byte[] Content, UfsStat Stat)> _files = new(StringComparer.Ordinal);
    private int _writes;

    public UfsCapabilities Capabilities => UfsCapabilities.Write | UfsCapabilities.StrongVersions;

    /// <summary>Writes a file and returns what a stat now says.</summary>
    public UfsStat Write(string path, byte[] content)
    {
        int number = Interlocked.Increment(ref _writes);
        var stat = new UfsStat(FileKind.File, content.Length, DateTimeOffset.UnixEpoch.AddSeconds(number), FileVersion.FromETag($"v{number}"));
        _files[path] = (content, stat);
        return stat;
    }

    public bool Remove(string path) => _files.TryRemove(path, out _);

    public ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken) => new(
        _files.TryGetValue(path, out var file) ? new UfsStatResult(UfsStatus.Ok, file.Stat)
        : path.Length == 0 || _files.Keys.Any(f => f.StartsWith(path + "/", StringComparison.Ordinal)) ? new UfsStatResult(UfsStatus.Ok, Directory)
        : new UfsStatResult(UfsStatus.NotFound, default));

    public ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken) => StatAsync(path, cancellationToken);

    public ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!_files.TryGetValue(path, out var file))
        {
            return new(new UfsReadResult(UfsStatus.NotFound, 0, $"'{path}' is not there"));
        }

        if (file.Stat.Version != version)
        {
            return new(new UfsReadResult(UfsStatus.VersionChanged, 0, $"'{path}' changed"));
        }

        int count = (int)Math.Clamp(file.Content.Length - offset, 0, destination.Length);
        file.Content.AsSpan((int)Math.Min(offset, file.Content.Length), count).CopyTo(destination.Span);
        return new(new UfsReadResult(UfsStatus.Ok, count));
    }

    public ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        string prefix = path.Length == 0 ? string.Empty : path + "/";
        UfsEntry[] all = [.. _files
            .Where(f => f.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(f => f.Key[prefix.Length..] is var below && below.Contains('/')
                ? new UfsEntry(below.Split('/')[0], Directory)
                : new UfsEntry(below, f.Value.Stat))
            .DistinctBy(static e => e.Name)
            .Where(e => string.CompareOrdinal(e.Name, continuation) > 0)
            .OrderBy(static e => e.Name, StringComparer.Ordinal)];
        return new(new UfsListResult(UfsStatus.Ok, [.. all.Take(limit)], all.Length > limit ? all[limit - 1].Name : null));
    }

    private static UfsStat Directory => new(FileKind.Directory, 0, DateTimeOffset.UnixEpoch, FileVersion.None);
}
