using Dora.Client;
using Dora.Storage.Ufs;
using Dora.Storage.Ufs.Local;
using Microsoft.Extensions.DependencyInjection;

namespace Dora.Tests.Silo.Hosting;

/// <summary>What an earlier Dora cached of local files has versions made of length and time alone: it is served as it is or fetched again, and never mixed with bytes of today's versions.</summary>
[Trait("Category", "Cluster")]
public sealed class OldVersionsTests
{
    private const int Length = 2 << 20;

    private static readonly DateTime Modified = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Theory]
    [InlineData("immutable")]
    [InlineData("validate-on-open")]
    public async Task Upgrade_HalfCachedByAnEarlierVersion_IsFetchedAgainWhole(string freshness)
    {
        OldVersionsUfs? store = null;
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1, silo => silo.Services.AddSingleton<IUfsProvider>(
            new UfsProvider([new("file", root => store = new OldVersionsUfs(new LocalUfs(root.Location)))])));
        string file = cluster.Write("f", [.. Enumerable.Repeat((byte)'a', Length)]);
        File.SetLastWriteTimeUtc(file, Modified);
        await cluster.MountAsync("/data", freshness);
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);
        byte[] half = new byte[Length / 2];
        await using DoraFile open = await client.OpenReadAsync("/data/f");
        Assert.Equal(half.Length, await open.ReadAsync(0, half));
        Assert.Equal(FileVersion.FromLengthAndTime(Length, Modified), open.Version);

        store!.IsOld = false;
        string next = cluster.Write("next", [.. Enumerable.Repeat((byte)'b', Length)]);
        File.SetLastWriteTimeUtc(next, Modified);
        File.Move(next, file, overwrite: true);

        DoraException changed = await Assert.ThrowsAsync<DoraException>(async () => await open.ReadAsync(half.Length, half));
        Assert.Equal(DoraErrorCode.VersionChanged, changed.Code);
        byte[] now = await client.ReadAllBytesAsync("/data/f");
        Assert.Equal((Length, -1), (now.Length, now.AsSpan().IndexOfAnyExcept((byte)'b')));
        Assert.NotEqual(open.Version.Value, (await client.StatAsync("/data/f")).Version);
    }

    [Fact]
    public async Task Upgrade_WhollyCachedAndImmutable_IsServedAsItIs()
    {
        OldVersionsUfs? store = null;
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1, silo => silo.Services.AddSingleton<IUfsProvider>(
            new UfsProvider([new("file", root => store = new OldVersionsUfs(new LocalUfs(root.Location)))])));
        cluster.Write("f", "content"u8);
        await cluster.MountAsync("/data");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);
        Assert.Equal("content"u8.ToArray(), await client.ReadAllBytesAsync("/data/f"));
        int reads = store!.Reads;

        store.IsOld = false;

        Assert.Equal("content"u8.ToArray(), await client.ReadAllBytesAsync("/data/f"));
        Assert.Equal(reads, store.Reads);
    }

    /// <summary>The connector as it was: until it is told otherwise it makes versions of length and time.</summary>
    private sealed class OldVersionsUfs(IUfs inner) : IUfs
    {
        public bool IsOld { get; set; } = true;

        public int Reads { get; private set; }

        public UfsCapabilities Capabilities => inner.Capabilities & ~UfsCapabilities.Write;

        public async ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken)
        {
            UfsStatResult result = await inner.StatAsync(path, cancellationToken);
            return IsOld && result.Stat.Kind == FileKind.File
                ? result with { Stat = result.Stat with { Version = FileVersion.FromLengthAndTime(result.Stat.Length, result.Stat.LastModified) } }
                : result;
        }

        public async ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken)
        {
            UfsStatResult result = await StatAsync(path, cancellationToken);
            return result.Status == UfsStatus.Ok && result.Stat.Version == known ? new UfsStatResult(UfsStatus.NotModified, default) : result;
        }

        public async ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            Reads++;
            FileVersion known = IsOld && (await StatAsync(path, cancellationToken)).Stat.Version == version ? (await inner.StatAsync(path, cancellationToken)).Stat.Version : version;
            return await inner.ReadAsync(path, known, offset, destination, cancellationToken);
        }

        public ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken) =>
            inner.ListAsync(path, continuation, limit, cancellationToken);
    }
}
