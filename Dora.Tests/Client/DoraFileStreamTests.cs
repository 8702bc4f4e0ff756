using Dora.Client;

namespace Dora.Tests.Client;

/// <summary>A Dora file keeps the rules of <see cref="Stream"/>: compared with a memory stream over the same bytes.</summary>
public sealed class DoraFileStreamTests
{
    [Fact]
    public async Task Stream_RandomWalk_BehavesAsAMemoryStream()
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 700_001);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        await using Stream stream = file.AsStream();
        using var model = new MemoryStream(content, writable: false);
        var random = new Random(11);

        for (int i = 0; i < 400; i++)
        {
            switch (random.Next(4))
            {
                case 0:
                    long to = random.Next(content.Length + 1000);
                    Assert.Equal(model.Seek(to, SeekOrigin.Begin), stream.Seek(to, SeekOrigin.Begin));
                    break;
                case 1:
                    Assert.Equal(model.Seek(-random.Next(1000), SeekOrigin.End), stream.Seek(model.Position, SeekOrigin.Begin));
                    break;
                case 2:
                    Assert.Equal(model.ReadByte(), stream.ReadByte());
                    break;
                default:
                    byte[] expected = new byte[random.Next(i % 3 == 0 ? 400_000 : 500)], actual = new byte[expected.Length];
                    int count = await model.ReadAtLeastAsync(expected, expected.Length, throwOnEndOfStream: false);
                    Assert.Equal(count, await stream.ReadAtLeastAsync(actual, actual.Length, throwOnEndOfStream: false));
                    Assert.True(expected.AsSpan().SequenceEqual(actual));
                    break;
            }

            Assert.Equal(model.Position, stream.Position);
        }
    }

    [Fact]
    public async Task Stream_SmallReads_ShareRequests()
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 100_000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        using var reader = new BinaryReader(file.AsStream());

        byte[] read = [.. Enumerable.Range(0, content.Length).Select(_ => reader.ReadByte())];

        Assert.Equal(content, read);
        Assert.Single(cluster.OwnersOf("f")[0].Reader.Modes);
    }

    [Fact]
    public async Task Stream_EdgesAndRefusals_AreThoseOfStreams()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 10);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        Stream stream = file.AsStream();

        Assert.True(stream.CanRead && stream.CanSeek && !stream.CanWrite);
        Assert.Equal(10, stream.Length);
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        stream.Position = 100;
        Assert.Equal(0, await stream.ReadAsync(new byte[5]));
        Assert.Equal(-1, stream.ReadByte());
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(5));
        Assert.Throws<NotSupportedException>(() => stream.Write([1], 0, 1));
        await stream.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => stream.Position);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => _ = await stream.ReadAtLeastAsync(new byte[1], 1));
    }
}
