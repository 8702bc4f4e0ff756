using Dora.Storage.Ufs;

namespace Dora.Benchmarks.Pages;

/// <summary>A store with one file in memory that counts the bytes it hands out.</summary>
internal sealed class CountingUfs(byte[] content) : IUfs, IUfsProvider, IClusterState
{
    internal const string FileName = "file";

    private long _bytesRead;
    private long _requests;

    public UfsCapabilities Capabilities => UfsCapabilities.StrongVersions;

    public IReadOnlyCollection<string> Schemes => ["memory"];

    public ClusterSnapshot Current { get; } = ClusterSnapshot.Empty.With(new MountTable(1, [Mount]));

    internal static Mount Mount { get; } = new(DoraPath.Parse("/m"), UfsUri.Parse("memory://root"), FetchGeometry.DefaultSize, default);

    internal FileMetadata File { get; } = new(
        Mount.Ufs.Combine(FileName), FileKind.File, content.Length, DateTimeOffset.UnixEpoch, FileVersion.FromETag("1"), DateTimeOffset.UnixEpoch);

    internal long BytesRead => Interlocked.Read(ref _bytesRead);

    internal long Requests => Interlocked.Read(ref _requests);

    public IUfs Open(UfsUri root) => this;

    public ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken) => StatAsync(path, cancellationToken);

    public ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int count = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
        content.AsMemory((int)offset, count).CopyTo(destination);
        Interlocked.Add(ref _bytesRead, count);
        Interlocked.Increment(ref _requests);
        return new(new UfsReadResult(UfsStatus.Ok, count));
    }

    public ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
}
