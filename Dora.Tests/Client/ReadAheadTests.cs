using Dora.Client;
using Dora.Client.Files;
using Dora.Tests.Waiting;

namespace Dora.Tests.Client;

public sealed class ReadAheadTests
{
    private const int Block = 256 * 1024;

    [Fact]
    public async Task Stream_ReadForward_NextStepsComeBeforeTheyAreWanted()
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", (6 * Block) + 5);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        FakeReader reader = cluster.OwnersOf("f")[0].Reader;
        await using Stream stream = file.AsStream();
        byte[] read = new byte[content.Length];

        await stream.ReadExactlyAsync(read.AsMemory(0, 10));
        Assert.Single(reader.Modes);
        await stream.ReadExactlyAsync(read.AsMemory(10, Block));
        await Eventually.Async(() => reader.Modes.Length >= 3, "a block that nobody has asked for yet");
        for (int at = Block + 10; at < read.Length; at += 1000)
        {
            await stream.ReadExactlyAsync(read.AsMemory(at, Math.Min(1000, read.Length - at)));
        }

        Assert.True(read.AsSpan().SequenceEqual(content));
        Assert.Equal(7, reader.Modes.Length);
    }

    [Fact]
    public async Task Stream_ReadHereAndThere_FetchesNothingAhead()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 20 * Block);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        await using Stream stream = file.AsStream();

        for (int i = 9; i >= 0; i--)
        {
            stream.Position = i * 2L * Block;
            Assert.NotEqual(-1, stream.ReadByte());
        }

        Assert.Equal(10, cluster.OwnersOf("f")[0].Reader.Modes.Length);
    }

    [Fact]
    public async Task Window_ReaderWaits_GrowsToItsBoundAndClosesWhenTheReaderLeaves()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 40 * Block);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        var gate = new TaskCompletionSource();
        cluster.OwnersOf("f")[0].Reader.BeforeRead = _ => Volatile.Read(ref gate).Task;
        var ahead = new ReadAhead(file, Block, maxBlocks: 4);
        var windows = new List<int>();

        ahead.GoOn(0);
        for (int i = 0; i < 5; i++)
        {
            windows.Add(ahead.Window);
            Task<(long Start, byte[]? Buffer, int Count)> taking = ahead.TryTakeAsync(i * (long)Block, default).AsTask();
            gate.SetResult();
            (long start, byte[]? buffer, int count) = await taking.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.NotNull(buffer);
            Assert.Equal((i * (long)Block, Block), (start, count));
            Volatile.Write(ref gate, new TaskCompletionSource());
            ahead.GoOn(start + count);
        }

        Assert.Equal([1, 2, 4, 4, 4], windows);
        Assert.Null((await ahead.TryTakeAsync(0, default)).Buffer);
        Assert.Equal(0, ahead.Window);
        gate.SetResult();
    }

    [Fact]
    public async Task Stream_FetchAheadFails_TheReaderIsServedAllTheSame()
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 4 * Block);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        var ahead = new ReadAhead(file, Block, maxBlocks: 4);
        cluster.Store.Remove($"{FakeCluster.Root}/f");
        ahead.GoOn(0);

        Assert.Null((await ahead.TryTakeAsync(0, default)).Buffer);

        cluster.Store.Put($"{FakeCluster.Root}/f", content.Length);
        byte[] again = await dora.ReadAllBytesAsync("/data/f");
        Assert.Equal(content, again);
    }
}
