using Dora.Storage.Files;
using Dora.Storage.Pages;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.Storage.Files;

/// <summary>Short forms for tests.</summary>
internal static class FileCatalogs
{
    /// <summary>What is remembered and fresh.</summary>
    public static FileMetadata? TryGetFresh(this FileCatalog catalog, MountedPath path) => catalog.TryGetFresh(path, FileId.FromUfsPath(path.UfsPath));
}

/// <summary>A store with content, mounted at <c>/m</c>, with a real page store, a catalog and a reader in front.</summary>
internal sealed class FileFixture : IAsyncDisposable
{
    public const int Page = 256 * 1024;
    public const int Grid = PageGeometry.ExtentGrid;

    private readonly TempDirectory _directory = new();

    public FileFixture(FileReaderOptions? options = null, long capacity = 64 * 1024 * 1024, string freshness = "max-age 10s")
    {
        Assert.True(Freshness.TryParse(freshness, out Freshness rule, out _));
        Mount = new Mount(DoraPath.Parse("/m"), UfsUri.Parse("memory://root"), Page, rule) { Id = 7 };
        Faults = new FaultyUfs(Store);
        Provider = new UfsProvider([new("memory", _ => Faults)]);
        Disk = new FaultyPageDevice();
        Pages = SegmentPageStore.Open(
            new PageStoreOptions { Directory = _directory.Path, CapacityBytes = capacity, FailurePause = TimeSpan.Zero },
            Time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            Disk);
        Hooks = new HookedPageStore(Pages);
        Catalog = new FileCatalog(Memory, Pages, Provider, new FileCatalogOptions(), Time, Turns);
        Reader = new FileReader(Hooks, Provider, new FixedCluster(Mount), options ?? new FileReaderOptions());
        Changes = new FileChanges(Catalog, Reader, Turns);
    }

    public Mount Mount { get; }

    /// <summary>A cluster with the mount.</summary>
    public IClusterState Cluster => new FixedCluster(Mount);

    public InMemoryUfs Store { get; } = new();

    public FaultyUfs Faults { get; }

    public UfsProvider Provider { get; }

    public FakeTimeProvider Time { get; } = new();

    public InMemoryMetadataStore Memory { get; } = new();

    public FaultyPageDevice Disk { get; }

    public SegmentPageStore Pages { get; }

    /// <summary>The page store as the reader sees it.</summary>
    public HookedPageStore Hooks { get; }

    public FileCatalog Catalog { get; }

    public FileReader Reader { get; }

    public FileTurns Turns { get; } = new();

    public FileChanges Changes { get; }

    /// <summary>Another reader on the same stores, which asks other workers first.</summary>
    public FileReader ReaderWith(IPagePeers peers) => new(Hooks, Provider, new FixedCluster(Mount), new FileReaderOptions(), peers);

    /// <summary>Another reader on the same pages, of other stores.</summary>
    public FileReader ReaderFrom(IUfsProvider stores) => new(Pages, stores, new FixedCluster(Mount), new FileReaderOptions());

    public MountedPath Path(string relative) => new(Mount, relative);

    /// <summary>Writes a file of noise and returns its metadata.</summary>
    public FileMetadata Write(string path, int length, out byte[] content)
    {
        content = new byte[length];
        new Random(length).NextBytes(content);
        UfsStat stat = Store.Write(path, content);
        return new FileMetadata(Mount.Ufs.Combine(path), FileKind.File, stat.Length, stat.LastModified, stat.Version, Time.GetUtcNow());
    }

    /// <summary>Reads a range, checks every byte, and returns how many came from the store.</summary>
    public async Task<int> ReadCheckedAsync(FileMetadata file, byte[] content, long offset, int length, FileReadMode mode = FileReadMode.Cached)
    {
        byte[] buffer = new byte[length];
        FileReadResult result = await Reader.ReadAsync(file, new ByteRange(offset, length), buffer, mode, CancellationToken.None)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((DoraErrorCode.None, null), (result.Code, result.Error));
        int expected = (int)Math.Clamp(content.Length - offset, 0, length);
        Assert.Equal(expected, result.Bytes);
        Assert.True(buffer.AsSpan(0, expected).SequenceEqual(content.AsSpan((int)Math.Min(offset, content.Length), expected)), $"wrong bytes at {offset}");
        return result.BytesFromStore;
    }

    /// <summary>Waits until the fetches in flight have given all their memory back.</summary>
    public Task IdleAsync() => Eventually.Async(() => Reader.FreeFetchBytes == new FileReaderOptions().MaxInFlightBytes, "the fetches to end");

    public async ValueTask DisposeAsync()
    {
        await Reader.DisposeAsync();
        await Pages.DisposeAsync();
        _directory.Dispose();
    }

    private sealed class FixedCluster(Mount mount) : IClusterState
    {
        public ClusterSnapshot Current { get; } = ClusterSnapshot.Empty.With(new MountTable(1, [mount], [new Pin(DoraPath.Parse("/m/hot"), 10)]));
    }
}
