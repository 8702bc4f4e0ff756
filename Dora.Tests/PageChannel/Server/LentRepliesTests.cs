using Dora.Core.Linux;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.PageChannel.Server;

/// <summary>Answers from lent bytes, where the loan goes wrong.</summary>
public sealed class LentRepliesTests : IDisposable
{
    private const int Length = 1_000_000;

    private readonly TempDirectory _directory = new();
    private readonly SafeFileHandle _file;
    private readonly MappedFile _mapping;
    private readonly Lender _lender;
    private readonly FakeRequestHandler _handler;

    public LentRepliesTests()
    {
        byte[] content = new byte[Length];
        for (int i = 0; i < Length; i++)
        {
            content[i] = FakeRequestHandler.ByteAt(i);
        }

        string path = Path.Combine(_directory.Path, "f");
        File.WriteAllBytes(path, content);
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        _mapping = MappedFile.TryMap(_file, Length) ?? throw new InvalidOperationException("this system maps no files");
        _lender = new Lender();
        _handler = new FakeRequestHandler { OnLend = range => new LentBytes(_mapping, _file, range.Offset, (int)range.Length, _lender, (ulong)range.Offset) };
    }

    public void Dispose()
    {
        _mapping.Dispose();
        _file.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Lent_AnsweredWithoutARead_AndGivenBack()
    {
        await using var worker = new TestWorker(handler: _handler);
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 7, 200_000), RawClient.Read(2, 100, LentReplies.Least - 1), RawClient.Read(3, 300_000, LentReplies.Least));
        var bodies = new Dictionary<ulong, byte[]>();
        for (int i = 0; i < 3; i++)
        {
            (FrameHeader header, byte[] body) = await client.ReceiveAsync("a reply");
            Assert.Equal(PageChannelStatus.Ok, header.Status);
            bodies[header.RequestId] = body;
        }

        Assert.True(FakeRequestHandler.IsRight(bodies[1], 7) && bodies[1].Length == 200_000);
        Assert.True(FakeRequestHandler.IsRight(bodies[2], 100) && bodies[2].Length == LentReplies.Least - 1);
        Assert.True(FakeRequestHandler.IsRight(bodies[3], 300_000) && bodies[3].Length == LentReplies.Least);
        await BackAsync(7, 300_000);
        Assert.Equal(1, _handler.Reads);
    }

    /// <summary>The kernel cannot read a byte of it: the ordinary read answers.</summary>
    [Fact]
    public async Task Lent_FileCutShortBeforeIt_TheOrdinaryReadAnswers()
    {
        RandomAccess.SetLength(_file, 0);
        await using var worker = new TestWorker(handler: _handler);
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 500_000, 100_000));
        (FrameHeader header, byte[] body) = await client.ReceiveAsync("the reply");

        Assert.Equal((PageChannelStatus.Ok, 100_000), (header.Status, body.Length));
        Assert.True(FakeRequestHandler.IsRight(body, 500_000));
        await BackAsync(500_000);
        Assert.True(_mapping.IsBroken);
    }

    /// <summary>A part has left and the rest cannot be had: the connection ends, and no byte of anything else is taken for it.</summary>
    [Fact]
    public async Task Lent_FileCutShortWithinIt_TheConnectionEnds()
    {
        RandomAccess.SetLength(_file, 600_000);
        await using var worker = new TestWorker(handler: _handler);
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 0, 900_000));
        byte[] all = await client.ReceiveToEndAsync("the end of the connection");

        Assert.InRange(all.Length, FrameHeader.Size, FrameHeader.Size + 600_000);
        Assert.True(FakeRequestHandler.IsRight(all.AsSpan(FrameHeader.Size), 0));
        await BackAsync(0);
    }

    [Fact]
    public async Task Lent_PeerGoesAway_LoansAndBudgetComeBack()
    {
        await using var worker = new TestWorker(handler: _handler);
        using (RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint, maxInFlight: 64))
        {
            await client.SendAsync([.. Enumerable.Range(1, 64).Select(i => RawClient.Read((ulong)i, i, 900_000))]);
            await client.ReceiveAsync("a reply");
        }

        using RawClient other = await RawClient.OpenAsync(worker.Listener.EndPoint);
        await other.SendAsync(RawClient.Read(1, 5, 900_000));
        (_, byte[] body) = await other.ReceiveAsync("the reply");
        Assert.True(FakeRequestHandler.IsRight(body, 5) && body.Length == 900_000);
        await Eventually.Async(() => Task.FromResult(_handler.Loans == _lender.Back.Count), "every loan comes back");
    }

    /// <summary>The peer has the bytes a moment before the sender has ended the loan.</summary>
    private Task BackAsync(params ulong[] loans) =>
        Eventually.Async(() => Task.FromResult(_lender.Back.Order().SequenceEqual(loans)), "the loans come back, each once");

    private sealed class Lender : ILender
    {
        private readonly List<ulong> _back = [];

        public IReadOnlyList<ulong> Back
        {
            get
            {
                lock (_back)
                {
                    return [.. _back];
                }
            }
        }

        public void TakeBack(ulong loan)
        {
            lock (_back)
            {
                _back.Add(loan);
            }
        }
    }
}
