using Dora.Client;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Transport;
using Dora.Tests.PageChannel.Client;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.Client;

/// <summary>Files in one round trip, batches of them, and several ranges in one call.</summary>
public sealed class SmallFileTests
{
    [Theory]
    [InlineData(0, 100)]
    [InlineData(1000, 1000)]
    [InlineData(1000, 10)]
    [InlineData(1000, 5000)]
    [InlineData(300_000, 300_000)]
    public async Task ReadFile_AnyBuffer_GetsTheStartOfTheFileAndItsLength(int length, int room)
    {
        await using var cluster = new FakeCluster(1, o => o with { MaxReadLength = 100_000 });
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", length);
        await using DoraClient dora = await cluster.ConnectAsync();
        byte[] buffer = new byte[room];

        Assert.Equal(length, await dora.ReadFileAsync("/data/f", buffer));

        int read = Math.Min(length, room);
        Assert.True(buffer.AsSpan(0, read).SequenceEqual(content.AsSpan(0, read)));
        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Fact]
    public async Task ReadFile_NoFile_SaysWhatIsThere()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/d/f", 10);
        await using DoraClient dora = await cluster.ConnectAsync();
        byte[] buffer = new byte[10];

        DoraException missing = await Assert.ThrowsAsync<DoraException>(() => dora.ReadFileAsync("/data/none", buffer).AsTask());
        DoraException directory = await Assert.ThrowsAsync<DoraException>(() => dora.ReadFileAsync("/data/d", buffer).AsTask());

        Assert.Equal((DoraErrorCode.NotFound, DoraErrorCode.IsDirectory), (missing.Code, directory.Code));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadFiles_ManyAndOneMissing_GivesEveryFileOnce(bool inOrder)
    {
        const int Count = 300;
        await using var cluster = new FakeCluster(3);
        byte[][] contents = [.. Enumerable.Range(0, Count).Select(i => cluster.Store.Put($"{FakeCluster.Root}/f{i}", i * 100, seed: i + 1))];
        cluster.Store.Remove($"{FakeCluster.Root}/f7");
        byte[] large = cluster.Store.Put($"{FakeCluster.Root}/f9", 3_000_000, seed: 5);
        await using DoraClient dora = await cluster.ConnectAsync();
        var seen = new List<int>();

        await foreach (FileContent file in dora.ReadFilesAsync(Enumerable.Range(0, Count).Select(static i => $"/data/f{i}"), inOrder))
        {
            using (file)
            {
                seen.Add(file.Index);
                Assert.Equal($"/data/f{file.Index}", file.Path);
                Assert.Equal(file.Index == 7 ? DoraErrorCode.NotFound : null, file.Error?.Code);
                Assert.True(file.Index == 7 || file.Bytes.Span.SequenceEqual(file.Index == 9 ? large : contents[file.Index]), file.Path);
            }
        }

        Assert.Equal(Enumerable.Range(0, Count), inOrder ? seen : seen.Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadFiles_LeftEarly_EndsAndTheClientGoesOn(bool inOrder)
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync();

        await foreach (FileContent file in dora.ReadFilesAsync(Enumerable.Repeat("/data/f", 10_000), inOrder))
        {
            file.Dispose();
            Assert.Throws<ObjectDisposedException>(() => file.Bytes);
            break;
        }

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadFiles_AWorkerDiesMeanwhile_EveryFileComes(bool inOrder)
    {
        const int Count = 600;
        await using var cluster = new FakeCluster(3);
        byte[][] contents = [.. Enumerable.Range(0, Count).Select(i => cluster.Store.Put($"{FakeCluster.Root}/f{i}", 100 + i, seed: i + 1))];
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Reads = new() { BatchWindow = 64 } });
        var seen = new HashSet<int>();

        await foreach (FileContent file in dora.ReadFilesAsync(Enumerable.Range(0, Count).Select(static i => $"/data/f{i}"), inOrder))
        {
            using (file)
            {
                Assert.True(file.Bytes.Span.SequenceEqual(contents[file.Index]), file.Path);
                Assert.True(seen.Add(file.Index));
                if (seen.Count == Count / 3)
                {
                    await cluster.OwnersOf($"f{Count - 1}")[0].KillAsync();
                }
            }
        }

        Assert.Equal(Count, seen.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadFiles_Cancelled_EndsWithThat_AndNothingIsLeftOnItsWay(bool inOrder)
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Reads = new() { BatchWindow = 32 }, Hedging = new() { Share = 0 } });
        FakeWorker worker = cluster.OwnersOf("f")[0];
        int asked = 0;
        worker.Reader.BeforeRead = token => Interlocked.Increment(ref asked) <= 50 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token);
        using var cancel = new CancellationTokenSource();
        int got = 0;

        Task reading = Task.Run(async () =>
        {
            await foreach (FileContent file in dora.ReadFilesAsync(Enumerable.Repeat("/data/f", 10_000), inOrder, cancel.Token))
            {
                file.Dispose();
                got++;
            }
        });
        await Eventually.Async(() => Volatile.Read(ref asked) > 50, "a file that does not come");
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.Within("the end of the batch"));
        Assert.InRange(got, 1, 50 + 32);
        worker.Reader.BeforeRead = static _ => Task.CompletedTask;
        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadFiles_CallerThatTakesLong_StillOneAtATime(bool inOrder)
    {
        const int Count = 300;
        await using var cluster = new FakeCluster(2);
        cluster.Store.Put($"{FakeCluster.Root}/f", 100);
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Reads = new() { BatchWindow = 16 } });
        int inside = 0, got = 0;

        await foreach (FileContent file in dora.ReadFilesAsync(Enumerable.Repeat("/data/f", Count), inOrder))
        {
            using (file)
            {
                Assert.Equal(1, Interlocked.Increment(ref inside));
                Thread.SpinWait(2000);
                await Task.Yield();
                Assert.Equal(0, Interlocked.Decrement(ref inside));
                got++;
            }
        }

        Assert.Equal(Count, got);
    }

    [Fact]
    public async Task FlushScope_RequestsMadeInIt_LeaveInOnePiece()
    {
        const int Requests = 40;
        var first = new TaskCompletionSource<int>();
        await using var server = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            await RawServer.ReceiveAsync(socket, token);
            first.TrySetResult(await socket.ReceiveAsync(new byte[64 * 1024], token));
            await Task.Delay(Timeout.Infinite, token);
        });

        // A clock that stands still: the connection's timer would send what is there.
        await using var pool = new PageChannelPool(new ChannelOptions { ConnectionsPerWorker = 1 }, new FakeTimeProvider(), NullLogger.Instance);
        WorkerChannel channel = pool.For(server.Info);
        using var stop = new CancellationTokenSource();
        var request = new ChannelRequest(PageChannelOpcode.Stat, "/m/f"u8.ToArray());
        List<Task> asked = [channel.SendAsync(request, 0, RawClient.Patience, stop.Token).AsTask()];
        await Eventually.Async(() => channel.Load == 1, "the connection");

        using (FlushScope.Begin())
        {
            for (int i = 0; i < Requests; i++)
            {
                using FlushScope inner = FlushScope.Begin();
                asked.Add(channel.SendAsync(request, 0, RawClient.Patience, stop.Token).AsTask());
            }
        }

        Assert.Equal(Requests * request.Write(new byte[PageChannelProtocol.MaxControlFrame], 1, 0), await first.Task.Within("the requests"));
        await stop.CancelAsync();
        await Task.WhenAll(asked).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public void ReplyBuffers_AnySize_AreLargeEnough_AndUsedAgain()
    {
        foreach (int bytes in new[] { 0, 1, 1023, 1024, 1025, 10_240, 65_535, 65_536, 65_537, 1 << 20 })
        {
            byte[] buffer = ReplyBuffers.Rent(bytes);
            Assert.True(buffer.Length >= bytes);
            ReplyBuffers.Return(buffer);
        }

        byte[][] many = [.. Enumerable.Range(0, 200).Select(static _ => ReplyBuffers.Rent(10_240))];
        Assert.Equal(many.Length, many.Distinct().Count());
        Array.ForEach(many, ReplyBuffers.Return);
        Assert.Contains(Enumerable.Range(0, 256).Select(static _ => ReplyBuffers.Rent(10_240)), many.Contains); // as many as are kept
    }

    [Fact]
    public async Task ReadRanges_AnyPlaces_EachGetsItsBytes()
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 2_000_000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        var random = new Random(3);
        for (int round = 0; round < 20; round++)
        {
            FileRange[] ranges = [.. Enumerable.Range(0, random.Next(200)).Select(_ => new FileRange(
                random.Next(round % 2 == 0 ? 2_100_000 : 50_000), new byte[random.Next(random.Next(10) == 0 ? 1_500_000 : 3000)]))];

            int[] counts = await file.ReadAsync(ranges);

            for (int i = 0; i < ranges.Length; i++)
            {
                int expected = (int)Math.Clamp(content.Length - ranges[i].Offset, 0, ranges[i].Buffer.Length);
                Assert.Equal(expected, counts[i]);
                Assert.True(ranges[i].Buffer.Span[..expected].SequenceEqual(content.AsSpan((int)Math.Min(ranges[i].Offset, content.Length), expected)));
            }
        }
    }

    [Fact]
    public async Task ReadRanges_CloseToEachOther_ShareARequest()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1_000_000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");

        await file.ReadAsync([new(3000, new byte[100]), new(0, new byte[100]), new(900_000, new byte[10]), new(3050, new byte[2000])]);

        Assert.Equal(2, cluster.OwnersOf("f")[0].Reader.Modes.Length);
    }

    [Fact]
    public async Task ReadFile_WorkerOfVersion1_IsAskedForAStat()
    {
        FileId id = FileId.FromUfsPath("file:///f");
        var opcode = new TaskCompletionSource<PageChannelOpcode>();
        await using var server = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            (FrameHeader asked, _) = await RawServer.ReceiveAsync(socket, token);
            opcode.SetResult(asked.Opcode);
            byte[] reply = new byte[PageChannelProtocol.MaxControlFrame];
            int length = FrameWriter.WriteStatReply(
                reply, asked.RequestId, 1, ReplyFlags.None, new StatReply(id, new FileVersion(1), FileKind.File, 9, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1 << 20));
            await socket.SendAsync(reply.AsMemory(0, length), token);
            await Task.Delay(Timeout.Infinite, token);
        });
        await using var pool = new PageChannelPool(new ChannelOptions(), TimeProvider.System, NullLogger.Instance);

        ChannelReply reply = await pool.For(server.Info)
            .SendAsync(new ChannelRequest(PageChannelOpcode.ReadFile, "/m/f"u8.ToArray(), Destination: new byte[9]), 0, RawClient.Patience, default);

        Assert.Equal(PageChannelOpcode.Stat, await opcode.Task);
        Assert.True(reply.IsOk);
        Assert.Equal((0, 9), (reply.Bytes, reply.Stat.Length));
    }

    [Fact]
    public async Task LocalWorker_HasTheBytes_IsReadWithoutASocket()
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 5000);
        FakeWorker owner = cluster.OwnersOf("f")[0];
        var workers = new LocalWorkers();
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Channel = new() { LocalWorkers = workers } });
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        var local = new LocalDouble();
        workers.Add(owner.Info.Id, owner.Info.Host, owner.Info.PagePort, local);
        byte[] buffer = new byte[100];
        Assert.Equal(100, await file.ReadAsync(10, buffer));
        Assert.All(buffer, static b => Assert.Equal(LocalDouble.Filling, b));
        Assert.Empty(owner.Reader.Modes);

        // What it does not have in memory takes the page channel.
        local.IsWarm = false;
        Assert.Equal(100, await file.ReadAsync(10, buffer));
        Assert.True(buffer.AsSpan().SequenceEqual(content.AsSpan(10, 100)));

        workers.Remove(owner.Info.Id, owner.Info.Host, owner.Info.PagePort);
        Assert.Null(workers.Find(owner.Info));
    }

    private sealed class LocalDouble : ILocalWorker
    {
        public const byte Filling = 77;

        public bool IsWarm { get; set; } = true;

        public bool TryRead(in ReadRequest request, Span<byte> destination, out int bytes)
        {
            destination.Fill(Filling);
            bytes = destination.Length;
            return IsWarm;
        }
    }
}
