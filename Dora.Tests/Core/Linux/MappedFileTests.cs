using System.Net;
using System.Net.Sockets;
using Dora.Core.Linux;
using Dora.Tests.Doubles;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Core.Linux;

/// <summary>A mapped file is only read by the kernel: what it cannot read is an outcome, never a signal that ends the process.</summary>
public sealed class MappedFileTests : IDisposable
{
    private const int Length = 256 * 1024;

    private readonly TempDirectory _directory = new();
    private readonly byte[] _content = new byte[Length];
    private readonly SafeFileHandle _file;
    private readonly MappedFile _mapping;

    public MappedFileTests()
    {
        new Random(7).NextBytes(_content);
        string path = Path.Combine(_directory.Path, "f");
        File.WriteAllBytes(path, _content);
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        _mapping = MappedFile.TryMap(_file, Length) ?? throw new InvalidOperationException("this system maps no files");
    }

    public void Dispose()
    {
        _mapping.Dispose();
        _file.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Send_InMemory_HeadAndBytesArrive()
    {
        using Pair pair = await Pair.OpenAsync();

        Assert.True(_mapping.IsInMemory(1000, 50_000));
        int sent = _mapping.Send(pair.Server.SafeHandle, "head"u8, 1000, 50_000);

        Assert.Equal(50_004, sent);
        byte[] got = await pair.ReceiveAsync(sent);
        Assert.Equal("head"u8.ToArray(), got[..4]);
        Assert.Equal(_content[1000..51_000], got[4..]);
    }

    [Fact]
    public async Task Send_FileCutShort_NothingBehindTheCut()
    {
        using Pair pair = await Pair.OpenAsync();
        RandomAccess.SetLength(_file, Length / 2);

        Assert.False(_mapping.IsInMemory(0, Length));
        int sent = _mapping.Send(pair.Server.SafeHandle, [], 0, Length);

        Assert.InRange(sent, 0, Length / 2);
        Assert.True(_mapping.IsBroken);
        Assert.False(_mapping.IsInMemory(0, 4096));
        byte[] got = await pair.ReceiveAsync(sent);
        Assert.Equal(_content[..sent], got);
    }

    [Fact]
    public async Task Send_AfterDispose_SendsNothing()
    {
        using Pair pair = await Pair.OpenAsync();
        _mapping.Dispose();

        Assert.Equal(0, _mapping.Send(pair.Server.SafeHandle, [], 0, Length));
        Assert.False(_mapping.IsInMemory(0, Length));
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(0, Length + 1)]
    [InlineData(Length, 1)]
    [InlineData(long.MaxValue, 1)]
    public void IsInMemory_OutsideTheMapping_Never(long position, int length) => Assert.False(_mapping.IsInMemory(position, length));

    [Fact]
    public void Lent_FileCutShort_CannotBeCopied()
    {
        var lender = new Lender();
        var lent = new LentBytes(_mapping, _file, 0, Length, lender, 42);
        byte[] copy = new byte[Length];
        Assert.True(lent.TryCopy(0, copy));
        Assert.Equal(_content, copy);

        RandomAccess.SetLength(_file, Length / 2);
        Assert.False(lent.TryCopy(0, copy));
        lent.Dispose();
        Assert.Equal([42ul], lender.Back);
    }

    private sealed class Lender : ILender
    {
        public List<ulong> Back { get; } = [];

        public void TakeBack(ulong loan) => Back.Add(loan);
    }

    private sealed class Pair(Socket server, Socket client) : IDisposable
    {
        public Socket Server => server;

        public static async Task<Pair> OpenAsync()
        {
            using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(listener.LocalEndPoint!);
            return new Pair(await listener.AcceptAsync(), client);
        }

        public async Task<byte[]> ReceiveAsync(int count)
        {
            byte[] bytes = new byte[count];
            for (int got = 0; got < count;)
            {
                int now = await client.ReceiveAsync(bytes.AsMemory(got));
                Assert.True(now > 0, "the connection ended");
                got += now;
            }

            return bytes;
        }

        public void Dispose()
        {
            server.Dispose();
            client.Dispose();
        }
    }
}
