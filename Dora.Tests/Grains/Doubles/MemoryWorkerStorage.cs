using System.Collections.Concurrent;
using Dora.Grains.Files;
using Dora.Grains.Workers;
using Dora.Silo.Files;
using Dora.Storage.Files;
using Dora.Storage.Metadata;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Dora.Storage.Ufs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Grains.Doubles;

/// <summary>One worker's storage in memory: remembers metadata for ever, asks the store once for concurrent questions, and "caches" files by noting their size.</summary>
internal sealed class MemoryWorkerStorage(IUfsProvider stores) : IFileCatalog, IFileReader, IMetadataStore, IPageStore, IWorkerCounters
{
    private readonly ConcurrentDictionary<FileId, FileMetadata> _known = new();
    private readonly ConcurrentDictionary<FileId, Task<CatalogResult>> _asking = new();
    private readonly ConcurrentDictionary<FileId, long> _cached = new();
    private int _loads;
    private long _dropped;

    /// <summary>Load calls so far.</summary>
    public int Loads => Volatile.Read(ref _loads);

    /// <summary>Awaited by every load; may throw.</summary>
    public Func<FileMetadata, CancellationToken, Task> OnLoad { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>What it says of how much it may cache; it keeps everything whatever that is.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Files cached here.</summary>
    public IEnumerable<FileId> Cached => _cached.Keys;

    /// <summary>Mounts whose pages were to be dropped, in order.</summary>
    public ConcurrentQueue<ushort> RemovedMounts { get; } = new();

    /// <summary>What was last said of files.</summary>
    public ConcurrentDictionary<FileId, bool> Pinned { get; } = new();

    public IReadOnlyDictionary<ushort, PageMountRule>? MountRules { get; private set; }

    public double PinnedShare { get; private set; }

    public long StoreBytes => _cached.Values.Sum();

    public long PeerBytes => 0;

    public int PageConnections => 0;

    public int SameHostClients => 0;

    /// <summary>Nobody may keep an answer.</summary>
    public long Changes => -1;

    MetadataStoreStatistics IKnownMetadata.Statistics => new(_known.Count, _known.Count, 0, 0, 0, 0, 0);

    PageStoreStatistics IPageStore.Statistics => new(_cached.Count, StoreBytes, Capacity, 0, 0, 0, 0, 0) { Dropped = Interlocked.Read(ref _dropped) };

    /// <summary>Drops all that is cached, and forgets nothing.</summary>
    public void DropAll()
    {
        Interlocked.Add(ref _dropped, _cached.Count);
        _cached.Clear();
    }

    /// <summary>Drops a file, as an eviction does.</summary>
    public void Drop(FileId file) => Interlocked.Add(ref _dropped, _cached.TryRemove(file, out _) ? 1 : 0);

    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton(stores);
        services.AddSingleton<IFileCatalog>(this);
        services.AddSingleton<IFileReader>(this);
        services.AddSingleton<IMetadataStore>(this);
        services.AddSingleton<IPageStore>(this);
        services.AddSingleton<IWorkerCounters>(this);
        services.AddSingleton<FileTurns>();
        services.AddSingleton<FileChanges>();
        services.AddSingleton<WorkerStores>();
        services.AddSingleton<IWorkerFiles, WorkerFiles>();
    }

    public FileMetadata? TryGetFresh(MountedPath path, FileId file) => Get(file);

    public FileMetadata? TryGetKnown(FileId file) => Get(file);

    public FileMetadata? TryGetKnown(FileId file, string ufsPath) => Get(file);

    public async ValueTask<CatalogResult> GetAsync(MountedPath path, bool refresh, CancellationToken cancellationToken)
    {
        FileId id = FileId.FromUfsPath(path.UfsPath);
        return !refresh && Get(id) is { } known ? Result(known) : await _asking.GetOrAdd(id, _ => AskAsync(path, id));
    }

    public ValueTask<UfsListResult> ListAsync(MountedPath path, string? continuation, int limit, CancellationToken cancellationToken) =>
        stores.Open(path.Mount.Ufs).ListAsync(path.Relative, continuation, limit, cancellationToken);

    public ValueTask RememberAsync(IReadOnlyList<FileMetadata> listed, CancellationToken cancellationToken)
    {
        PutUnlessNewer(listed, null);
        return ValueTask.CompletedTask;
    }

    public bool Forget(FileId file) => Remove(file);

    public void ForgetNegative(string ufsPath) => RemoveNegative(ufsPath);

    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath) =>
        _known.Values.Where(m => m.UfsPath == ufsPath || m.UfsPath.StartsWith(ufsPath + "/", StringComparison.Ordinal));

    public ValueTask<FileReadResult> ReadAsync(FileMetadata file, ByteRange range, Memory<byte> destination, FileReadMode mode, CancellationToken cancellationToken) =>
        new(new FileReadResult(DoraErrorCode.NotSupported, 0, 0));

    public bool TryReadWarm(FileMetadata file, ByteRange range, Span<byte> destination) => false;

    public int Locate(FileMetadata file, ByteRange range, long end, bool mayWait, Span<PageLocation> locations, out bool isWhole)
    {
        isWhole = false;
        return 0;
    }

    public SafeFileHandle? OpenSegment(ulong segment) => null;

    public async ValueTask<FileLoadResult> LoadAsync(FileMetadata file, ByteRange range, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loads);
        await OnLoad(file, cancellationToken);
        _cached.AddOrUpdate(file.Id, range.Length, (_, before) => Math.Max(before, range.End));
        return new FileLoadResult(DoraErrorCode.None, range.Length, 0);
    }

    public ValueTask<long> FreeAsync(FileId file, CancellationToken cancellationToken) => new(Remove(file, FileVersion.None));

    public FileMetadata? Get(FileId file, string ufsPath) => Get(file);

    public FileMetadata? Get(FileId file) => _known.GetValueOrDefault(file);

    public FileMetadata? TryGetFromMemory(FileId file, string ufsPath) => Get(file);

    public void Put(FileMetadata metadata) => _known[metadata.Id] = metadata;

    public FileMetadata PutUnlessNewer(FileMetadata metadata, out FileMetadata? before)
    {
        before = Get(metadata.Id);
        return _known[metadata.Id] = metadata;
    }

    public void PutUnlessNewer(IReadOnlyList<FileMetadata> entries, ICollection<FileMetadata>? changed)
    {
        foreach (FileMetadata entry in entries)
        {
            Put(entry);
        }
    }

    public void RemoveNegative(string ufsPath)
    {
    }

    public bool Remove(FileId file) => _known.TryRemove(file, out _);

    public int Read(PageKey page, int offset, Span<byte> destination) => 0;

    public bool TryLease(PageKey page, int offset, int length, LocateMode mode, out PageLease lease)
    {
        lease = default;
        return false;
    }

    public bool TryLocate(PageKey page, int offset, int length, LocateMode mode, out PageLocation location)
    {
        location = default;
        return false;
    }

    public int Probe(PageKey page, int offset, int length) =>
        (int)Math.Clamp(_cached.GetValueOrDefault(page.File) - ((long)page.Index * StorePage.Size) - offset, 0, length);

    public HeldPages Held(FileId file) => _cached.TryGetValue(file, out long bytes) && _known.TryGetValue(file, out FileMetadata? known) ? new(known.Version, bytes) : default;

    public PutOutcome Put(PageKey page, int offset, ReadOnlySpan<byte> data, PagePlacement placement) => PutOutcome.Full;

    public long RemovePage(PageKey page) => 0;

    public long RemoveMount(ushort mount, CancellationToken cancellationToken)
    {
        RemovedMounts.Enqueue(mount);
        return 0;
    }

    public long Pin(FileId file, bool pinned)
    {
        Pinned[file] = pinned;
        return 0;
    }

    public void SetMountRules(IReadOnlyDictionary<ushort, PageMountRule> rules, double pinnedShare) => (MountRules, PinnedShare) = (rules, pinnedShare);

    public long Remove(FileId file, FileVersion keep)
    {
        bool removed = _cached.TryRemove(file, out long bytes);
        Interlocked.Add(ref _dropped, removed ? 1 : 0);
        return bytes;
    }

    public void Dispose()
    {
        // Memory only.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static CatalogResult Result(FileMetadata known) =>
        new(known.Kind == FileKind.Missing ? DoraErrorCode.NotFound : DoraErrorCode.None, known);

    private async Task<CatalogResult> AskAsync(MountedPath path, FileId id)
    {
        await Task.Yield();
        try
        {
            UfsStatResult found = await stores.Open(path.Mount.Ufs).StatAsync(path.Relative, CancellationToken.None);
            if (found.Status is not (UfsStatus.Ok or UfsStatus.NotFound))
            {
                return new CatalogResult(DoraErrorCode.Unavailable, null, found.Error);
            }

            UfsStat stat = found.Stat;
            DateTimeOffset now = DateTimeOffset.UtcNow;
            FileMetadata metadata = found.Status == UfsStatus.NotFound
                ? FileMetadata.Missing(path.UfsPath, now)
                : new FileMetadata(path.UfsPath, stat.Kind, stat.Length, stat.LastModified, stat.Version, now);
            Put(metadata);
            return Result(metadata);
        }
        finally
        {
            _asking.TryRemove(id, out _);
        }
    }
}
