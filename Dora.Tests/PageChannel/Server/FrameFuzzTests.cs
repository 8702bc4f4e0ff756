using System.Net;
using System.Net.Sockets;
using Dora.PageChannel.Codec;
using Dora.Tests.Waiting;

namespace Dora.Tests.PageChannel.Server;

/// <summary>
/// Malformed frames, against the codec and against a live server. In full, some minutes:
/// <c>DORA_FUZZ_FRAMES=2000000 ./dora test --filter FullyQualifiedName~FrameFuzz</c>; another seed by <c>DORA_FUZZ_SEED</c>.
/// </summary>
[Collection(MeasuredAlone.Name)]
public sealed class FrameFuzzTests
{
    private const int FullCount = 1_000_000;
    private const long AllowedGrowth = 32L * 1024 * 1024;

    [Fact]
    public void Codec_AnyBytes_EndInAnOutcome()
    {
        int count = FrameFuzz.Count(100_000);
        var fuzz = new FrameFuzz(FrameFuzz.Seed);
        int malformed = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = fuzz.Next();
            bool isWhole = Decode(bytes, FrameReader.ReadHeaderAtWorker(bytes, out FrameHeader header), header);
            isWhole |= Decode(bytes, FrameReader.ReadHeaderAtClient(bytes, 1024 * 1024, out header), header);
            malformed += isWhole ? 0 : 1;
        }

        Assert.InRange(malformed, count / 2, count);
    }

    [Fact]
    public async Task Server_AnyBytes_HarmNobodyElse_AndLeaveNothingBehind()
    {
        int count = FrameFuzz.Count(4000);
        await using var worker = new TestWorker(configure: static o => o with { MaxReadLength = 64 * 1024, HelloTimeout = TimeSpan.FromMinutes(5) });
        using RawClient control = await RawClient.OpenAsync(worker.Listener.EndPoint);
        using var done = new CancellationTokenSource();
        Task<int> good = ReadAllTheTimeAsync(control, done.Token);

        // What the server keeps for good (pools, thread stacks) is there after a tenth.
        await SendAsync(worker.Listener.EndPoint, count / 10, FrameFuzz.Seed);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await SendAsync(worker.Listener.EndPoint, count, FrameFuzz.Seed + 100);

        await Eventually.Async(() => worker.Listener.ConnectionCount == 1, "all connections but the good one to end");
        await done.CancelAsync();
        Assert.True(await good.Within("the good connection") > 0);
        if (count >= FullCount)
        {
            // Other tests that run at the same time would be counted: only when this one was asked for.
            long growth = GC.GetTotalMemory(forceFullCollection: true) - before;
            Assert.True(growth < AllowedGrowth, $"{growth} bytes more than before");
        }
    }

    /// <summary>Decodes as the ends do.</summary>
    /// <returns>Whether it is a right and whole frame.</returns>
    private static bool Decode(byte[] bytes, FrameDecode decode, in FrameHeader header)
    {
        if (!decode.IsOk || bytes.Length < header.FrameLength)
        {
            return false;
        }

        ReadOnlySpan<byte> body = bytes.AsSpan(FrameHeader.Size, header.BodyLength);
        return header.Opcode switch
        {
            _ when header.IsError || header.Opcode == PageChannelOpcode.Goodbye => FrameReader.ReadMessage(header, body, out _).IsOk,
            PageChannelOpcode.Hello => FrameReader.ReadHello(header, body, out _).IsOk,
            PageChannelOpcode.HelloReply => FrameReader.ReadHelloReply(header, body, out _).IsOk,
            PageChannelOpcode.Stat => FrameReader.ReadStat(header, body, out _).IsOk,
            PageChannelOpcode.StatReply => FrameReader.ReadStatReply(header, body, out _).IsOk,
            PageChannelOpcode.Read => FrameReader.ReadRead(header, body, out _).IsOk,
            PageChannelOpcode.Locate => FrameReader.ReadLocate(header, body, out _).IsOk,
            PageChannelOpcode.List => ListRequest.Read(header, body, out _).IsOk,
            PageChannelOpcode.View => ViewRequest.Read(header, body, out _).IsOk,
            PageChannelOpcode.ListReply => IsPage(body),
            PageChannelOpcode.ViewReply => ViewBody.TryRead(body, out _),
            PageChannelOpcode.LocateReply => AreLocations(header, body),
            PageChannelOpcode.SameHostReply => FrameReader.ReadSameHostReply(body, out _).IsOk,
            _ => true,
        };
    }

    private static bool IsPage(ReadOnlySpan<byte> body)
    {
        bool isWhole = ListPage.TryReadHead(ref body, out _);
        while (isWhole && !body.IsEmpty)
        {
            isWhole = ListedEntry.TryRead(ref body, out _);
        }

        return isWhole;
    }

    private static bool AreLocations(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        bool isWhole = FrameReader.ReadLocateReplyHead(header, body, out _, out int length).IsOk;
        for (int at = 0; isWhole && at < length; at += PageLocation.Size)
        {
            isWhole = PageLocation.TryRead(body[(StatReply.FixedSize + at)..], out _);
        }

        return isWhole;
    }

    private static Task SendAsync(IPEndPoint server, int frames, int seed) =>
        Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => SendSomeAsync(server, frames / 4, new FrameFuzz(seed + i)))));

    /// <summary>Connection after connection: mostly a right hello, a handful of broken frames, and then whatever the server says until it hangs up.</summary>
    private static async Task SendSomeAsync(IPEndPoint server, int frames, FrameFuzz fuzz)
    {
        byte[] answer = new byte[16 * 1024];
        while (frames > 0)
        {
            List<byte> bytes = fuzz.Next(8) == 0 ? [] : [.. RawClient.Hello(maxVersion: PageChannelProtocol.MaxVersion)];
            for (int i = fuzz.Next(16); i >= 0; i--, frames--)
            {
                bytes.AddRange(fuzz.Next());
            }

            // Reset on close: a million connections must not leave a million ports waiting.
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await socket.ConnectAsync(server, patience.Token);
            try
            {
                await socket.SendAsync(bytes.ToArray(), patience.Token);
                socket.Shutdown(SocketShutdown.Send);
                while (await socket.ReceiveAsync(answer, patience.Token) > 0)
                {
                    // Whatever it says.
                }
            }
            catch (SocketException)
            {
                // Hung up in the middle.
            }
        }
    }

    private static async Task<int> ReadAllTheTimeAsync(RawClient client, CancellationToken cancellationToken)
    {
        const int Length = 10_000;
        int reads = 0;
        do
        {
            await client.SendAsync(RawClient.Read((ulong)++reads, reads, Length));
            (FrameHeader header, byte[] body) = await client.ReceiveAsync("a read on the good connection");
            Assert.Equal((PageChannelOpcode.ReadReply, PageChannelStatus.Ok, Length), (header.Opcode, header.Status, header.BodyLength));
            Assert.True(FakeRequestHandler.IsRight(body, reads));
        }
        while (!cancellationToken.IsCancellationRequested);
        return reads;
    }
}
