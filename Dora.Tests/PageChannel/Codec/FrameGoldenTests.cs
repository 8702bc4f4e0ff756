using Dora.PageChannel.Codec;

namespace Dora.Tests.PageChannel.Codec;

/// <summary>
/// The bytes of every frame, frozen. A change here is a change of the wire format: workers and clients of the released version would
/// misread each other. Do not edit a line; raise PageChannelProtocol.MaxVersion and add the new layout beside the old one.
/// </summary>
public sealed class FrameGoldenTests
{
    private static readonly FileId File = new(0x0011223344556677, 0x8899aabbccddeeff);

    private static readonly StatReply Stat = new(
        File,
        new FileVersion(0x1122334455667788),
        FileKind.File,
        1L << 32,
        new DateTimeOffset(2022, 8, 29, 12, 0, 0, TimeSpan.Zero),
        new DateTimeOffset(639029765480300545, TimeSpan.Zero),
        FetchGeometry.DefaultSize);

    public static TheoryData<string, string> Frames => new()
    {
        {
            "hello",
            "28000000 01 00 0000 0000000000000000 0700000000000000 "
            + "444f5241 0100 0100 00000001 40000000 0500 0200 0900 0000 64656d6f31 7730 73332d736563726574"
        },
        {
            "hello reply",
            "1f000000 81 00 0000 0000000000000000 0700000000000000 "
            + "444f5241 0100 0000 00004000 20000000 0500 0200 00000000 64656d6f31 7730"
        },
        { "stat", "0e000000 02 00 0300 2a00000000000000 0700000000000000 0600 000000000000 2f6d2f66c3bc" },
        {
            "stat reply",
            "38000000 82 00 0100 2a00000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 8877665544332211 0000000001000000 0020ccffb589da08 01c05a9c2f4ade08 00001000 01 000000"
        },
        {
            "read",
            "2e000000 03 00 0700 2b00000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 8877665544332211 0000100000000000 00000100 0600 0000 2f6d2f66c3bc"
        },
        { "read reply", "00000100 83 00 0100 2b00000000000000 0700000000000000" },
        { "read file", "0e000000 07 00 0500 2d00000000000000 0700000000000000 00001000 0600 0000 2f6d2f66c3bc" },
        {
            "read file reply",
            "3a000000 87 00 0100 2d00000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 8877665544332211 0000000001000000 0020ccffb589da08 01c05a9c2f4ade08 00001000 01 000000"
        },
        {
            "locate",
            "2e000000 09 00 0000 2e00000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 8877665544332211 0000100000000000 00000100 0600 0001 2f6d2f66c3bc"
        },
        {
            "locate by path",
            "2e000000 09 00 0000 2f00000000000000 0700000000000000 "
            + "00000000000000000000000000000000 0000000000000000 0000000000000000 00000100 0600 0000 2f6d2f66c3bc"
        },
        {
            "locate reply",
            "60000000 89 00 0000 2e00000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 8877665544332211 0000000001000000 0020ccffb589da08 01c05a9c2f4ade08 00001000 01 000000"
            + "0300adefbeadde00 f0debc9a78563412 0030000001000000 080a0000 00000100 0000100000000000"
        },
        { "same host", "00000000 0a 00 0000 3000000000000000 0700000000000000" },
        {
            "same host reply",
            "2e000000 8a 00 0000 3000000000000000 0700000000000000 "
            + "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f 0600 000000000000 2f72756e2f73"
        },
        {
            "known",
            "1f000000 0b 00 0000 3100000000000000 0700000000000000 "
            + "00000000000000000000000000000000 0700 000000000000 733a2f2f622f61"
        },
        {
            "known of its own",
            "1a000000 0b 00 0300 3200000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 0200 000000000000 7731"
        },
        {
            "held",
            "28000000 0b 00 0400 3100000000000000 0700000000000000 "
            + "00000000000000000000000000000000 1000 000000000000 00112233445566778899aabbccddeeff"
        },
        {
            "held reply",
            "20000000 8b 00 0000 3100000000000000 0700000000000000 "
            + "00000000000000000000000000000000 8877665544332211 0000000001000000"
        },
        {
            "known reply",
            "3b000000 8b 00 0000 3200000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 8877665544332211 0000000001000000 0020ccffb589da08 8096980000000000 0100 0700 733a2f2f622f61"
        },
        {
            "list",
            "12000000 04 00 0100 3300000000000000 0700000000000000 "
            + "e803 0600 0400 0000 2f6d2f66c3bc 332f6e31"
        },
        {
            "list reply",
            "9a000000 84 00 0000 3300000000000000 0700000000000000 "
            + "01c05a9c2f4ade08 0600 0400 25000000 733a2f2f622f 332f6e31 "
            + "01 1000 02000000000000000100000000000000 02 0f00 04 0300000000000000 0100 70 0100 71 "
            + "0200 0000 0000 01 01 8877665544332211 0000000001000000 0020ccffb589da08 6e31 "
            + "0100 0500 1300 02 00 0000000000000000 0000000000000000 0020ccffb589da08 6d 733a2f2f63 01 1000 04000000000000000300000000000000"
        },
        { "view", "18000000 0c 00 0000 3400000000000000 0700000000000000 0700000000000000 0300000000000000 983a0000 00000000" },
        {
            "view reply",
            "66000000 8c 00 0000 3400000000000000 0700000000000000 "
            + "0700000000000000 0300000000000000 0500 0100 0100 0100 64656d6f31 "
            + "0f00 384a 0000 6400 0200 0300 7730 3a3a31 "
            + "2e00 0500 0200 00001000 0000100000000000 0088526a74000000 0200 0500 0900 2f6d 733a2f2f62 696d6d757461626c65 "
            + "0600 09 1e 0200 2f6d"
        },
        { "error", "06000000 83 03 0000 2b00000000000000 0900000000000000 61736b207731" },
        { "goodbye", "03000000 42 10 0000 0000000000000000 0900000000000000 627965" },
        { "cancel", "00000000 40 00 0000 2b00000000000000 0700000000000000" },
        { "ping", "00000000 41 00 0000 2c00000000000000 0700000000000000" },
        { "pong", "00000000 c1 00 0000 2c00000000000000 0900000000000000" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void Frame_Written_HasItsFrozenBytes(string name, string golden)
    {
        var frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = Write(name, frame);

        Assert.True(
            golden.Replace(" ", "", StringComparison.Ordinal) == Convert.ToHexStringLower(frame, 0, length),
            $"the bytes of '{name}' changed to {Convert.ToHexStringLower(frame, 0, length)}: released peers cannot read that; add a protocol version instead");
    }

    [Fact]
    public void Limits_Always_HaveTheirFrozenNumbers()
    {
        Assert.Equal(
            (24, 4185, 4096, 128, 64, 1024, 1024, 16_777_216, 65_536, (ushort)1, (ushort)5),
            (FrameHeader.Size, PageChannelProtocol.MaxControlFrame, PageChannelProtocol.MaxPathBytes, PageChannelProtocol.MaxClusterIdBytes,
                PageChannelProtocol.MaxWorkerIdBytes, PageChannelProtocol.MaxTokenBytes, PageChannelProtocol.MaxMessageBytes,
                PageChannelProtocol.MaxReadLength, PageChannelProtocol.MaxInFlight, PageChannelProtocol.MinVersion, PageChannelProtocol.MaxVersion));
        Assert.Equal(DoraPath.MaxBytes, PageChannelProtocol.MaxPathBytes);
        Assert.Equal(WorkerId.MaxLength, PageChannelProtocol.MaxWorkerIdBytes);
    }

    internal static int Write(string name, Span<byte> frame) => name switch
    {
        "hello" => FrameWriter.WriteHello(frame, 7, new HelloRequest
        {
            MinVersion = 1,
            MaxVersion = 1,
            MaxReadLength = PageChannelProtocol.MaxReadLength,
            MaxInFlight = 64,
            ClusterId = "demo1"u8,
            WorkerId = "w0"u8,
            Token = "s3-secret"u8,
        }),
        "hello reply" => FrameWriter.WriteHelloReply(frame, 7, new HelloReply
        {
            Version = 1,
            MaxReadLength = 4 * 1024 * 1024,
            MaxInFlight = 32,
            ClusterId = "demo1"u8,
            WorkerId = "w0"u8,
        }),
        "stat" => FrameWriter.WriteStat(frame, 42, 7, new StatRequest { Flags = StatFlags.Failover | StatFlags.Refresh, Path = "/m/fü"u8 }),
        "stat reply" => FrameWriter.WriteStatReply(frame, 42, 7, ReplyFlags.FromStore, Stat),
        "read" => FrameWriter.WriteRead(frame, 43, 7, new ReadRequest
        {
            Flags = ReadFlags.Failover | ReadFlags.StoreDirect | ReadFlags.Sequential,
            File = File,
            Version = new FileVersion(0x1122334455667788),
            Offset = 1 << 20,
            Length = 1 << 16,
            Path = "/m/fü"u8,
        }),
        "read reply" => FrameWriter.WriteReadReplyHeader(frame, 43, 7, ReplyFlags.FromStore, 1 << 16),
        "read file" => FrameWriter.WriteReadFile(
            frame, 45, 7, new ReadFileRequest { Flags = ReadFlags.Failover | ReadFlags.Sequential, MaxLength = 1 << 20, Path = "/m/fü"u8 }),
        "read file reply" => FrameWriter.WriteReadFileReplyHead(frame, 45, 7, ReplyFlags.FromStore, Stat, 2),
        "locate" => FrameWriter.WriteLocate(frame, 46, 7, new LocateRequest
        {
            File = File,
            Version = new FileVersion(0x1122334455667788),
            Offset = 1 << 20,
            Length = 1 << 16,
            Ahead = 1 << 24,
            Path = "/m/fü"u8,
        }),
        "locate by path" => FrameWriter.WriteLocate(frame, 47, 7, new LocateRequest { Offset = 0, Length = 1 << 16, Path = "/m/fü"u8 }),
        "locate reply" => FrameWriter.WriteLocateReply(
            frame, 46, 7, Stat, [new PageLocation(0x00deadbeefad0003, 0x123456789abcdef0, 0x1_0000_3000, 2568, 1 << 16, 1 << 20)]),
        "same host" => FrameWriter.WriteSameHost(frame, 48, 7),
        "same host reply" => FrameWriter.WriteSameHostReply(frame, 48, 7, new SameHostReply
        {
            Ticket = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
            BootId = [16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31],
            Path = "/run/s"u8,
        }),
        "known" => FrameWriter.WriteKnown(frame, 49, 7, new KnownRequest { Name = "s://b/a"u8 }),
        "known of its own" => FrameWriter.WriteKnown(
            frame, 50, 7, new KnownRequest { Flags = KnownFlags.Owned | KnownFlags.Leaving, From = File, Name = "w1"u8 }),
        "held" => WriteHeld(frame),
        "held reply" => WriteHeldReply(frame),
        "known reply" => WriteKnownReply(frame),
        "list" => new ListRequest { Flags = ListFlags.Failover, Limit = 1000, Path = "/m/fü"u8, Continuation = "3/n1"u8 }.Write(frame, 51, 7),
        "list reply" => WriteListReply(frame),
        "view" => new ViewRequest(7, 3, TimeSpan.FromSeconds(15)).Write(frame, 52, 7),
        "view reply" => WriteViewReply(frame),
        "error" => FrameWriter.WriteError(frame, PageChannelOpcode.ReadReply, 43, 9, PageChannelStatus.NotOwner, "ask w1"),
        "goodbye" => FrameWriter.WriteGoodbye(frame, 9, PageChannelStatus.ShuttingDown, "bye"),
        "cancel" => FrameWriter.WriteCancel(frame, 43, 7),
        "ping" => FrameWriter.WritePing(frame, 44, 7),
        "pong" => FrameWriter.WritePong(frame, 44, 9),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such frame"),
    };

    private static int WriteHeld(Span<byte> frame)
    {
        Span<byte> file = stackalloc byte[FileId.Size];
        File.Write(file);
        return FrameWriter.WriteKnown(frame, 49, 7, new KnownRequest { Flags = KnownFlags.Held, Name = file });
    }

    private static int WriteHeldReply(Span<byte> frame)
    {
        new HeldRecord(new FileVersion(0x1122334455667788), 1L << 32).Write(frame[(FrameHeader.Size + HeldRecord.ReplySize(0))..]);
        return FrameWriter.WriteBodyHeader(frame, PageChannelOpcode.KnownReply, 49, 7, HeldRecord.ReplySize(1)) + HeldRecord.ReplySize(1);
    }

    private static int WriteKnownReply(Span<byte> frame)
    {
        var file = new FileMetadata("s://b/a", FileKind.File, Stat.Length, Stat.LastModified, Stat.Version, Stat.LoadedAt);
        File.Write(frame[FrameHeader.Size..]);
        int body = KnownRecord.ReplyHead + KnownRecord.Write(frame[(FrameHeader.Size + KnownRecord.ReplyHead)..], file, TimeSpan.FromSeconds(1));
        return FrameWriter.WriteBodyHeader(frame, PageChannelOpcode.KnownReply, 50, 7, body) + body;
    }

    private static int WriteListReply(Span<byte> frame)
    {
        Span<byte> body = frame[FrameHeader.Size..];
        int length = new ListPage(Stat.LoadedAt, "s://b/", "3/n1", new UInt128(1, 2), [new SkippedEntries(SkipReason.Fifo, 3, ["p", "q"])]).WriteHead(body);
        length += new ListedEntry("n1", null, FileKind.File, Stat.Length, Stat.LastModified, Stat.Version, IsLink: true).Write(body[length..]);
        length += new ListedEntry("m", "s://c", FileKind.Directory, 0, Stat.LastModified, FileVersion.None, DirectoryId: new UInt128(3, 4)).Write(body[length..]);
        return FrameWriter.WriteBodyHeader(frame, PageChannelOpcode.ListReply, 51, 7, length) + length;
    }

    private static int WriteViewReply(Span<byte> frame)
    {
        var mount = new Mount(DoraPath.Parse("/m"), UfsUri.Parse("s://b"), 1 << 20, Freshness.Immutable) { Id = 5, Replicas = 2, Rules = new CacheRules(1 << 20, TimeSpan.FromTicks(500_000_000_000)) };
        var mounts = new MountTable(3, [mount], [new Pin(DoraPath.Parse("/m"), 30) { Id = 9 }]);
        byte[] body = new ViewBody("demo1", 7, [new WorkerInfo(new WorkerId("w0"), "::1", 19000, 0, 100)], mounts).Write()!;
        body.CopyTo(frame[FrameHeader.Size..]);
        return FrameWriter.WriteBodyHeader(frame, PageChannelOpcode.ViewReply, 52, 7, body.Length) + body.Length;
    }
}
