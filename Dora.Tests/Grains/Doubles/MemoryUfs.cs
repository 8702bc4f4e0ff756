using System.Collections.Concurrent;
using Dora.Storage.Ufs;

namespace Dora.Tests.Grains.Doubles;

/// <summary>A store of files of given lengths and no content, shared by all workers of a test. Counts questions; can be told to refuse or to hold answers back.</summary>
internal sealed class MemoryUfs(string root) : IUfs
{
    private readonly ConcurrentDictionary<string, long> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _directories = new(StringComparer.Ordinal);
    private int _lastDirectory;
    private int _stats;
    private int _lists;

    /// <summary>Stat calls so far.</summary>
    public int Stats => Volatile.Read(ref _stats);

    /// <summary>Listings so far.</summary>
    public int Lists => Volatile.Read(ref _lists);

    /// <summary>Awaited by every stat and every listing.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What every call answers instead of Ok.</summary>
    public UfsStatus Refuse { get; set; }

    public UfsCapabilities Capabilities => UfsCapabilities.None;

    public string Root => root;

    /// <summary>Puts a file.</summary>
    /// <summary>What every page leaves out.</summary>
    public IReadOnlyList<SkippedEntries> Left { get; set; } = [];

    public void Add(string path, long length) => _files[path] = length;

    public async ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _stats);
        await Gate.WaitAsync(cancellationToken);
        return Refuse != UfsStatus.Ok ? new UfsStatResult(Refuse, default, $"the store says {Refuse}")
            : _files.TryGetValue(path, out long length) ? new UfsStatResult(UfsStatus.Ok, FileStat(length))
            : path.Length == 0 || _files.Keys.Any(f => f.StartsWith(path + "/", StringComparison.Ordinal)) ? new UfsStatResult(UfsStatus.Ok, DirectoryStat)
            : new UfsStatResult(UfsStatus.NotFound, default);
    }

    public ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken) => StatAsync(path, cancellationToken);

    public ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        new(new UfsReadResult(UfsStatus.NotSupported, 0, "this store has no content"));

    public async ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        await Gate.WaitAsync(cancellationToken);
        if (Refuse != UfsStatus.Ok || _files.ContainsKey(path))
        {
            UfsStatus status = Refuse != UfsStatus.Ok ? Refuse : UfsStatus.NotDirectory;
            return new UfsListResult(status, [], null, $"the store says {status}");
        }

        string prefix = path.Length == 0 ? string.Empty : path + "/";
        UfsEntry[] all = [.. _files
            .Where(f => f.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(f => (Below: f.Key[prefix.Length..], f.Value))
            .Select(f => f.Below.Contains('/') ? new UfsEntry(f.Below.Split('/')[0], DirectoryStat) : new UfsEntry(f.Below, FileStat(f.Value)))
            .DistinctBy(static e => e.Name)
            .Where(e => continuation is null || string.CompareOrdinal(e.Name, continuation) > 0)
            .OrderBy(static e => e.Name, StringComparer.Ordinal)];
        UfsEntry[] page = [.. all.Take(limit)];
        UfsStatus found = all.Length == 0 && path.Length > 0 && continuation is null ? UfsStatus.NotFound : UfsStatus.Ok;
        return new UfsListResult(found, page, all.Length > limit ? page[^1].Name : null) { Skipped = Left, DirectoryId = Identity(path) };
    }

    /// <summary>Of its own for each directory, and the same each time.</summary>
    private UInt128 Identity(string path) => path.Length == 0 ? 42 : 43 + (UInt128)_directories.GetOrAdd(path, _ => Interlocked.Increment(ref _lastDirectory));

    private static UfsStat DirectoryStat => new(FileKind.Directory, 0, DateTimeOffset.UnixEpoch, FileVersion.None);

    private static UfsStat FileStat(long length) =>
        new(FileKind.File, length, DateTimeOffset.UnixEpoch, FileVersion.FromLengthAndTime(length, DateTimeOffset.UnixEpoch));
}
