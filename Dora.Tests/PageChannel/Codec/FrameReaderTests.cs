using System.Buffers.Binary;
using System.Text;
using Dora.PageChannel.Codec;

namespace Dora.Tests.PageChannel.Codec;

public sealed class FrameReaderTests
{
    private static readonly string[] Names =
        ["hello", "hello reply", "stat", "stat reply", "read", "read reply", "error", "goodbye", "cancel", "ping", "pong"];

    [Fact]
    public void Frame_CutAnywhere_NeedsMore()
    {
        foreach (string name in Names)
        {
            byte[] whole = Golden(name);
            for (int length = 0; length < whole.Length; length++)
            {
                FrameDecode decode = DecodeAny(whole.AsSpan(0, length));
                Assert.True(decode.Outcome == FrameDecodeOutcome.NeedMore, $"{name} cut to {length} bytes: {decode}");
                Assert.InRange(decode.Needed, 1, whole.Length);
            }

            Assert.Equal(FrameDecode.Ok, DecodeAny(whole));
            Assert.Equal(FrameDecode.Ok, DecodeAny([.. whole, 0xFF, 0xFF, 0xFF]));
        }
    }

    [Fact]
    public void Header_SentTheWrongWay_IsMalformed()
    {
        foreach (string name in Names.Where(static n => n != "goodbye"))
        {
            byte[] frame = Golden(name);
            bool atWorker = FrameReader.ReadHeaderAtWorker(frame, out _).IsOk;
            bool atClient = FrameReader.ReadHeaderAtClient(frame, PageChannelProtocol.MaxReadLength, out _).IsOk;
            Assert.True(atWorker != atClient, name);
            Assert.Equal(name is "hello" or "stat" or "read" or "cancel" or "ping", atWorker);
        }
    }

    [Theory]
    [InlineData("stat", 4, 0x05, "the opcode is unknown")]
    [InlineData("stat", 4, 0x00, "the opcode is unknown")]
    [InlineData("stat", 5, 0x01, "the frame has no status")]
    [InlineData("stat", 6, 0x04, "a flag is unknown")]
    [InlineData("read", 6, 0x10, "a flag is unknown")]
    [InlineData("read", 7, 0x40, "a flag is unknown")]
    [InlineData("ping", 7, 0x80, "a flag is unknown")]
    [InlineData("ping", 6, 0x01, "a flag is unknown")]
    [InlineData("ping", 0, 0x01, "the body length is out of the opcode's range")]
    [InlineData("stat", 3, 0x80, "the body length is out of the opcode's range")]
    [InlineData("stat", 23, 0x80, "the membership version is negative")]
    [InlineData("error", 1, 0x05, "the body length is out of the opcode's range")]
    [InlineData("read reply", 3, 0x01, "the body length is out of the opcode's range")]
    [InlineData("error", 24, 0xFF, "the message is not UTF-8")]
    [InlineData("goodbye", 24, 0xC3, "the message is not UTF-8")]
    [InlineData("hello", 24, 0x00, "the hello does not start with DORA")]
    [InlineData("hello", 28, 0x00, "the hello's version range is empty")]
    [InlineData("hello", 30, 0x00, "the hello's version range is empty")]
    [InlineData("hello", 32, 0x01, "the read length limit is out of range")]
    [InlineData("hello", 35, 0x00, "the read length limit is out of range")]
    [InlineData("hello", 36, 0x00, "the in-flight limit is out of range")]
    [InlineData("hello", 38, 0x02, "the in-flight limit is out of range")]
    [InlineData("hello", 41, 0x01, "the cluster id is too long")]
    [InlineData("hello", 42, 0x41, "the worker id is too long")]
    [InlineData("hello", 45, 0x05, "the token is too long")]
    [InlineData("hello", 44, 0x08, "the lengths in the body do not add up")]
    [InlineData("hello", 46, 0x01, "a reserved byte is not 0")]
    [InlineData("hello", 48, 0xFF, "the cluster id is not UTF-8")]
    [InlineData("hello", 53, 0xC3, "the worker id is not ASCII")]
    [InlineData("hello reply", 28, 0x00, "the hello reply names no version")]
    [InlineData("hello reply", 42, 0x00, "the hello reply names no worker")]
    [InlineData("hello reply", 30, 0x01, "a reserved byte is not 0")]
    [InlineData("hello reply", 47, 0x01, "a reserved byte is not 0")]
    [InlineData("stat", 24, 0x05, "the lengths in the body do not add up")]
    [InlineData("stat", 31, 0x01, "a reserved byte is not 0")]
    [InlineData("stat", 37, 0x20, "the path is not UTF-8")]
    [InlineData("stat reply", 55, 0x80, "the length is negative")]
    [InlineData("stat reply", 63, 0x80, "a time is out of range")]
    [InlineData("stat reply", 71, 0x7F, "a time is out of range")]
    [InlineData("stat reply", 73, 0x01, "the fetch size is out of range")]
    [InlineData("stat reply", 75, 0x80, "the fetch size is out of range")]
    [InlineData("stat reply", 76, 0x03, "the file kind is unknown")]
    [InlineData("stat reply", 79, 0x01, "the file kind is unknown")]
    [InlineData("read", 55, 0x80, "the offset is negative")]
    [InlineData("read", 59, 0x02, "the read is longer than 16 MiB")]
    [InlineData("read", 62, 0x01, "a reserved byte is not 0")]
    [InlineData("read", 60, 0x07, "the lengths in the body do not add up")]
    [InlineData("read", 68, 0xFF, "the path is not UTF-8")]
    public void Frame_WithOneWrongByte_IsMalformedForThatReason(string name, int at, byte value, string reason)
    {
        byte[] frame = Golden(name);
        frame[at] = value;

        FrameDecode decode = DecodeAny(frame);

        Assert.Equal((FrameDecodeOutcome.Malformed, reason), (decode.Outcome, decode.Reason));
    }

    [Fact]
    public void Read_WhoseEndOverflows_IsMalformed()
    {
        byte[] frame = Golden("read");
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(48), long.MaxValue - 10);

        Assert.Equal("the end of the read overflows", DecodeAny(frame).Reason);
    }

    [Fact]
    public void ReadReply_LongerThanGranted_IsMalformed()
    {
        byte[] frame = Golden("read reply");

        Assert.Equal(FrameDecodeOutcome.Ok, FrameReader.ReadHeaderAtClient(frame, 1 << 16, out FrameHeader header).Outcome);
        Assert.Equal((1 << 16) + FrameHeader.Size, header.FrameLength);
        Assert.Equal(FrameDecodeOutcome.Malformed, FrameReader.ReadHeaderAtClient(frame, (1 << 16) - 1, out _).Outcome);
    }

    [Fact]
    public void Body_OfAnotherOpcode_IsMalformed()
    {
        byte[] frame = Golden("stat");
        Assert.True(FrameReader.ReadHeaderAtWorker(frame, out FrameHeader header).IsOk);

        Assert.Equal(FrameDecodeOutcome.Malformed, FrameReader.ReadRead(header, frame.AsSpan(24), out _).Outcome);
        Assert.Equal(FrameDecodeOutcome.Malformed, FrameReader.ReadMessage(header, frame.AsSpan(24), out _).Outcome);
    }

    [Fact]
    public void Status_OfANewerPeer_IsDecodedAsItIs()
    {
        byte[] frame = Golden("error");
        frame[5] = 250;

        Assert.True(FrameReader.ReadHeaderAtClient(frame, 1, out FrameHeader header).IsOk);
        Assert.True(header.IsError);
        Assert.Equal(DoraErrorCode.Internal, header.Status.ToErrorCode());
    }

    [Fact]
    public void Message_TooLong_IsCutAtACharacter()
    {
        var frame = new byte[PageChannelProtocol.MaxControlFrame];
        string text = "a" + new string('ü', 2000);

        int length = FrameWriter.WriteError(frame, PageChannelOpcode.StatReply, 1, 0, PageChannelStatus.Failed, text);

        Assert.True(FrameReader.ReadHeaderAtClient(frame, 1, out FrameHeader header).IsOk);
        Assert.True(FrameReader.ReadMessage(header, frame.AsSpan(FrameHeader.Size, length - FrameHeader.Size), out ReadOnlySpan<byte> message).IsOk);
        Assert.Equal("a" + new string('ü', 511), Encoding.UTF8.GetString(message));
    }

    [Fact]
    public void HotFrames_WrittenAndRead_AllocateNothing()
    {
        var frame = new byte[PageChannelProtocol.MaxControlFrame];
        string[] hot = ["stat", "stat reply", "read", "read reply", "cancel", "error"];
        foreach (string name in hot)
        {
            DecodeAny(frame.AsSpan(0, FrameGoldenTests.Write(name, frame)));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            foreach (string name in hot)
            {
                DecodeAny(frame.AsSpan(0, FrameGoldenTests.Write(name, frame)));
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Decodes header and body as the end would that such a frame is sent to.</summary>
    internal static FrameDecode DecodeAny(ReadOnlySpan<byte> source)
    {
        bool fromWorker = source.Length > 4 && source[4] >= 0x80;
        FrameDecode decode = fromWorker
            ? FrameReader.ReadHeaderAtClient(source, PageChannelProtocol.MaxReadLength, out FrameHeader header)
            : FrameReader.ReadHeaderAtWorker(source, out header);
        if (!decode.IsOk)
        {
            return decode;
        }

        ReadOnlySpan<byte> body = source[FrameHeader.Size..];
        return header.Opcode switch
        {
            PageChannelOpcode.Goodbye => FrameReader.ReadMessage(header, body, out _),
            _ when header.IsError => FrameReader.ReadMessage(header, body, out _),
            PageChannelOpcode.Hello => FrameReader.ReadHello(header, body, out _),
            PageChannelOpcode.HelloReply => FrameReader.ReadHelloReply(header, body, out _),
            PageChannelOpcode.Stat => FrameReader.ReadStat(header, body, out _),
            PageChannelOpcode.StatReply => FrameReader.ReadStatReply(header, body, out _),
            PageChannelOpcode.Read => FrameReader.ReadRead(header, body, out _),
            PageChannelOpcode.Locate => FrameReader.ReadLocate(header, body, out _),
            PageChannelOpcode.Known => FrameReader.ReadKnown(header, body, out _),
            PageChannelOpcode.List => ListRequest.Read(header, body, out _),
            PageChannelOpcode.View => ViewRequest.Read(header, body, out _),
            _ => FrameDecode.Ok,
        };
    }

    private static byte[] Golden(string name)
    {
        var frame = new byte[PageChannelProtocol.MaxControlFrame];
        return frame[..FrameGoldenTests.Write(name, frame)];
    }
}
