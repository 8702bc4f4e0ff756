using System.Diagnostics;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Tests.PageChannel.Codec;

/// <summary>The span at the end of a request: frozen bytes, and the same request as without it once it is taken off.</summary>
public sealed class TraceFieldTests
{
    private const string Field = "4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 01";

    private static readonly ActivityContext Parent = new(
        ActivityTraceId.CreateFromString("4bf92f3577b34da6a3ce929d0e0e4736"), ActivitySpanId.CreateFromString("00f067aa0ba902b7"), ActivityTraceFlags.Recorded);

    public static TheoryData<string, string> Requests => new()
    {
        { "stat", "27000000 02 00 0380 2a00000000000000 0700000000000000 0600 000000000000 2f6d2f66c3bc" + Field },
        {
            "read",
            "47000000 03 00 0780 2b00000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 8877665544332211 0000100000000000 00000100 0600 0000 2f6d2f66c3bc" + Field
        },
        { "read file", "27000000 07 00 0580 2d00000000000000 0700000000000000 00001000 0600 0000 2f6d2f66c3bc" + Field },
        {
            "locate",
            "47000000 09 00 0080 2e00000000000000 0700000000000000 "
            + "00112233445566778899aabbccddeeff 8877665544332211 0000100000000000 00000100 0600 0001 2f6d2f66c3bc" + Field
        },
        {
            "known",
            "38000000 0b 00 0080 3100000000000000 0700000000000000 "
            + "00000000000000000000000000000000 0700 000000000000 733a2f2f622f61" + Field
        },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_InASpan_HasItsFrozenBytes(string name, string golden)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = TraceField.Append(frame, FrameGoldenTests.Write(name, frame), Parent);

        Assert.Equal(golden.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(frame, 0, length));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Cut_OfARequest_LeavesItAsOlderVersionsKnowIt(string name, string golden)
    {
        byte[] plain = new byte[PageChannelProtocol.MaxControlFrame];
        int length = FrameGoldenTests.Write(name, plain);
        Assert.True(FrameReader.ReadHeaderAtWorker(plain, out FrameHeader expected).IsOk);
        byte[] frame = Convert.FromHexString(golden.Replace(" ", "", StringComparison.Ordinal));

        Assert.True(FrameReader.ReadHeaderAtWorker(frame, out FrameHeader header).IsOk);
        ReadOnlySpan<byte> body = frame.AsSpan(FrameHeader.Size);
        Assert.True(TraceField.IsIn(header));
        Assert.True(TraceField.Cut(ref header, ref body, out ReadOnlySpan<byte> field).IsOk);

        Assert.Equal(expected, header);
        Assert.Equal(plain.AsSpan(FrameHeader.Size, length - FrameHeader.Size), body);
        ActivityContext read = TraceField.Parse(field);
        Assert.Equal((Parent.TraceId, Parent.SpanId, Parent.TraceFlags, true), (read.TraceId, read.SpanId, read.TraceFlags, read.IsRemote));
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("cancel")]
    [InlineData("same host")]
    [InlineData("hello")]
    public void Field_WhereItHasNoPlace_IsMalformed(string name)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = TraceField.Append(frame, FrameGoldenTests.Write(name, frame), Parent);

        Assert.Equal(FrameDecodeOutcome.Malformed, FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out _).Outcome);
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(16, 8)]
    public void Field_WithAnIdOfZero_IsMalformed(int at, int length)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int end = TraceField.Append(frame, FrameGoldenTests.Write("stat", frame), Parent);
        frame.AsSpan(end - TraceField.Size + at, length).Clear();

        Assert.True(FrameReader.ReadHeaderAtWorker(frame, out FrameHeader header).IsOk);
        ReadOnlySpan<byte> body = frame.AsSpan(FrameHeader.Size, header.BodyLength);
        Assert.Equal("the trace field names no span", TraceField.Cut(ref header, ref body, out _).Reason);
    }

    [Fact]
    public void Field_InABodyTooShortForIt_IsMalformed()
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        FrameGoldenTests.Write("stat", frame);
        frame[7] = TraceField.Flag >> 8;

        Assert.Equal("the body length is out of the opcode's range", FrameReader.ReadHeaderAtWorker(frame, out _).Reason);
    }

    [Fact]
    public void LongestRequest_InASpan_FitsInTheLargestControlFrame()
    {
        using var span = new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        span.SetIdFormat(ActivityIdFormat.W3C).Start();
        var request = new ChannelRequest(PageChannelOpcode.Read, new byte[PageChannelProtocol.MaxPathBytes], Trace: span);

        Assert.Equal(PageChannelProtocol.MaxControlFrame, request.Write(new byte[PageChannelProtocol.MaxControlFrame], 1, 1));
    }
}
