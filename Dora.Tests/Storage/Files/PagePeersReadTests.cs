using Dora.Storage.Files;

namespace Dora.Tests.Storage.Files;

/// <summary>What other workers have cached is not asked of the store.</summary>
public sealed class PagePeersReadTests
{
    private const int Length = 4 * FileFixture.Grid;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Miss_PeersGiveSomeBlocks_TheStoreIsAskedForTheRest_AndAllIsCached(int blocks)
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", Length, out byte[] content);
        var peers = new FakePeers(content, blocks * FileFixture.Grid);
        await using FileReader reader = fixture.ReaderWith(peers);
        byte[] buffer = new byte[Length];

        FileReadResult first = await reader.ReadAsync(file, new ByteRange(0, Length), buffer, FileReadMode.Sequential, default);
        Assert.Equal(content, buffer);
        FileReadResult second = await reader.ReadAsync(file, new ByteRange(0, Length), buffer, FileReadMode.Cached, default);
        FileReadResult cached = await reader.ReadAsync(file, new ByteRange(0, Length), buffer, FileReadMode.CachedOnly, default);

        Assert.Equal((Length, Length - (blocks * FileFixture.Grid)), (first.Bytes, first.BytesFromStore));
        Assert.Equal((Length, 0), (second.Bytes, second.BytesFromStore));
        Assert.Equal((Length, 0), (cached.Bytes, cached.BytesFromStore));
        Assert.Equal(1, peers.Asked);
    }

    [Fact]
    public async Task CachedOnly_NothingCached_AsksNobody()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", Length, out byte[] content);
        var peers = new FakePeers(content, Length);
        await using FileReader reader = fixture.ReaderWith(peers);

        FileReadResult result = await reader.ReadAsync(file, new ByteRange(0, Length), new byte[Length], FileReadMode.CachedOnly, default);

        Assert.Equal((DoraErrorCode.None, 0, 0), (result.Code, result.Bytes, peers.Asked));
    }

    private sealed class FakePeers(byte[] content, int has) : IPagePeers
    {
        public int Asked { get; private set; }

        public ValueTask<int> ReadAsync(FileMetadata file, ByteRange range, Memory<byte> destination, CancellationToken cancellationToken)
        {
            Asked++;
            ByteRange given = range.Intersect(new ByteRange(0, has));
            content.AsMemory((int)given.Offset, (int)given.Length).CopyTo(destination);
            return new((int)given.Length);
        }
    }
}
