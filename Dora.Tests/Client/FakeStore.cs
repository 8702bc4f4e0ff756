using System.Collections.Concurrent;
using Dora.Storage.Files;
using Dora.Storage.Metadata;
using Dora.Storage.Ufs;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Client;

/// <summary>A store in memory, shared by all fake workers of a test.</summary>
internal sealed class FakeStore
{
    private readonly ConcurrentDictionary<string, (byte[] Content, FileVersion Version)> _files = new(StringComparer.Ordinal);

    public byte[] Put(string ufsPath, int length, int seed = 1)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        _files[ufsPath] = (content, new FileVersion((ulong)seed));
        return content;
    }

    public void Remove(string ufsPath) => _files.TryRemove(ufsPath, out _);

    public FileMetadata Stat(string ufsPath) =>
        _files.TryGetValue(ufsPath, out (byte[] Content, FileVersion Version) file)
            ? new FileMetadata(ufsPath, FileKind.File, file.Content.Length, DateTimeOffset.UnixEpoch, file.Version, DateTimeOffset.UnixEpoch)
            : _files.Keys.Any(k => k.StartsWith(ufsPath + "/", StringComparison.Ordinal))
            ? new FileMetadata(ufsPath, FileKind.Directory, 0, DateTimeOffset.UnixEpoch, FileVersion.None, DateTimeOffset.UnixEpoch)
            : FileMetadata.Missing(ufsPath, DateTimeOffset.UnixEpoch);

    public (byte[] Content, FileVersion Version)? Read(string ufsPath) => _files.TryGetValue(ufsPath, out (byte[], FileVersion) file) ? file : null;
}

/// <summary>A worker's metadata: remembers for ever what it was told, and calls it fresh.</summary>
internal sealed class FakeCatalog(FakeStore store) : IFileCatalog, IMetadataScan
{
    private readonly ConcurrentDictionary<FileId, FileMetadata> _known = new();

    /// <summary>Waited for before the store is asked.</summary>
    public Func<Task> BeforeGet { get; set; } = static () => Task.CompletedTask;

    /// <summary>Nobody may keep an answer.</summary>
    public long Changes => -1;

    public FileMetadata? TryGetFresh(MountedPath path, FileId file) => _known.GetValueOrDefault(file);

    public void Remember(FileMetadata file) => _known[file.Id] = file;

    public FileMetadata? TryGetKnown(FileId file) => _known.GetValueOrDefault(file);

    public FileMetadata? TryGetKnown(FileId file, string ufsPath) => _known.GetValueOrDefault(file);

    public async ValueTask<CatalogResult> GetAsync(MountedPath path, bool refresh, CancellationToken cancellationToken)
    {
        await BeforeGet();
        FileMetadata? known = refresh ? null : TryGetFresh(path, FileId.FromUfsPath(path.UfsPath));
        FileMetadata found = known ?? store.Stat(path.UfsPath);
        _known[found.Id] = found;
        return new CatalogResult(found.Kind == FileKind.Missing ? DoraErrorCode.NotFound : DoraErrorCode.None, found, FromStore: known is null);
    }

    public ValueTask<UfsListResult> ListAsync(MountedPath path, string? continuation, int limit, CancellationToken cancellationToken) =>
        new(OnList(path.UfsPath, continuation, limit));

    /// <summary>What a directory has. Unless set, the worker cannot list, and clients ask the grain.</summary>
    public Func<string, string?, int, UfsListResult> OnList { get; set; } = static (_, _, _) => new UfsListResult(UfsStatus.NotSupported, [], null);

    public int Known => _known.Count;

    public ValueTask RememberAsync(IReadOnlyList<FileMetadata> listed, CancellationToken cancellationToken)
    {
        foreach (FileMetadata file in listed)
        {
            _known[file.Id] = file;
        }

        return ValueTask.CompletedTask;
    }

    public bool ReadOn(ref FileId from, int limit, Func<FileId, bool> isWanted, ICollection<FileMetadata> found)
    {
        FileId first = from;
        FileMetadata[] next = [.. _known.Values.Where(f => f.Id.CompareTo(first) >= 0).OrderBy(static f => f.Id).Take(limit + 1)];
        foreach (FileMetadata file in next.Take(limit).Where(f => isWanted(f.Id)))
        {
            found.Add(file);
        }

        from = next.Length > limit ? next[limit].Id : from;
        return next.Length > limit;
    }

    public bool Forget(FileId file) => _known.TryRemove(file, out _);

    public void ForgetNegative(string ufsPath)
    {
        // Nothing missing is remembered for long.
    }

    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath) => _known.Values;
}

/// <summary>A worker's data: reads the store, after <see cref="BeforeRead"/>, and counts.</summary>
internal sealed class FakeReader(FakeStore store) : IFileReader
{
    private readonly ConcurrentQueue<FileReadMode> _modes = new();

    public FileReadMode[] Modes => [.. _modes];

    /// <summary>How much of each file, from its start on, counts as cached.</summary>
    public int CachedBytes { get; set; }

    public Func<CancellationToken, Task> BeforeRead { get; set; } = static _ => Task.CompletedTask;

    public Func<FileReadResult?> Instead { get; set; } = static () => null;

    public async ValueTask<FileReadResult> ReadAsync(
        FileMetadata file, ByteRange range, Memory<byte> destination, FileReadMode mode, CancellationToken cancellationToken)
    {
        if (mode == FileReadMode.CachedOnly && CachedBytes == 0)
        {
            return new FileReadResult(DoraErrorCode.None, 0, 0);
        }

        _modes.Enqueue(mode);
        await BeforeRead(cancellationToken);
        if (Instead() is { } result)
        {
            return result;
        }

        if (store.Read(file.UfsPath) is not { } stored)
        {
            return new FileReadResult(DoraErrorCode.NotFound, 0, 0, "gone");
        }

        if (stored.Version != file.Version)
        {
            return new FileReadResult(DoraErrorCode.VersionChanged, 0, 0, "changed");
        }

        ByteRange cut = range.Within(mode == FileReadMode.CachedOnly ? Math.Min(CachedBytes, stored.Content.Length) : stored.Content.Length);
        stored.Content.AsMemory((int)cut.Offset, (int)cut.Length).CopyTo(destination);
        return new FileReadResult(DoraErrorCode.None, (int)cut.Length, 0);
    }

    public bool TryReadWarm(FileMetadata file, ByteRange range, Span<byte> destination) => false;

    public int Locate(FileMetadata file, ByteRange range, long end, bool mayWait, Span<PageLocation> locations, out bool isWhole)
    {
        isWhole = false;
        return 0;
    }

    public SafeFileHandle? OpenSegment(ulong segment) => null;

    public ValueTask<FileLoadResult> LoadAsync(FileMetadata file, ByteRange range, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<long> FreeAsync(FileId file, CancellationToken cancellationToken) => throw new NotSupportedException();
}
