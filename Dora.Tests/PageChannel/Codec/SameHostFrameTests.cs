using Dora.PageChannel.Codec;
using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.PageChannel.Codec;

public sealed class SameHostFrameTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void Locate_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong High, ulong Version, NonNegativeInt Offset, NonNegativeInt Length, ushort Ahead)>(), static a =>
        {
            byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
            bool isByPath = a.Version % 2 == 0;
            int length = FrameWriter.WriteLocate(frame, 9, 1, new LocateRequest
            {
                File = isByPath ? default : new FileId(a.High, 1),
                Version = isByPath ? default : new FileVersion(a.Version),
                Offset = a.Offset.Get,
                Length = a.Length.Get % PageChannelProtocol.MaxReadLength,
                Ahead = (long)a.Ahead * LocateRequest.AheadStep,
                Path = "/m/a"u8,
            });
            return FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk
                && FrameReader.ReadLocate(header, frame.AsSpan(FrameHeader.Size, length - FrameHeader.Size), out LocateRequest read).IsOk
                && read.Version.Value == (isByPath ? 0 : a.Version) && read.File.High == (isByPath ? 0 : a.High)
                && (read.Offset, read.Length, read.Ahead) == (a.Offset.Get, a.Length.Get % PageChannelProtocol.MaxReadLength, (long)a.Ahead * LocateRequest.AheadStep)
                && read.Path.SequenceEqual("/m/a"u8);
        }));

    [Fact]
    public void LocateReply_WrittenAndRead_IsTheSame()
    {
        PageLocation[] locations = [.. Enumerable.Range(0, PageLocation.MaxInReply).Select(static i => new PageLocation((ulong)i << 16, ~(ulong)i, 4096 + i, 2048 + (8 * i), 1 + i, i))];
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        var stat = new StatReply(new FileId(1, 2), new FileVersion(3), FileKind.File, 100, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0);
        int length = FrameWriter.WriteLocateReply(frame, 9, 1, stat, locations);

        Assert.True(FrameReader.ReadHeaderAtClient(frame.AsSpan(0, length), 1, out FrameHeader header).IsOk);
        ReadOnlySpan<byte> body = frame.AsSpan(FrameHeader.Size, header.BodyLength);
        Assert.True(FrameReader.ReadLocateReplyHead(header, body, out StatReply read, out int bytes).IsOk);
        Assert.Equal((stat, locations.Length * PageLocation.Size), (read, bytes));
        for (int i = 0; i < locations.Length; i++)
        {
            Assert.True(PageLocation.TryRead(body[(StatReply.FixedSize + (i * PageLocation.Size))..], out PageLocation location));
            Assert.Equal(locations[i], location);
        }
    }

    [Theory]
    [InlineData(4095, 2048, 1, 0)]
    [InlineData(4096, 2040, 1, 0)]
    [InlineData(4096, 4096, 1, 0)]
    [InlineData(4096, 2049, 1, 0)]
    [InlineData(4096, 2048, 0, 0)]
    [InlineData(4096, 2048, (1 << 20) + 1, 0)]
    [InlineData(4096, 2048, 1, -1)]
    public void Location_OutOfItsRange_IsRefused(long position, int epochPosition, int length, long offset)
    {
        byte[] bytes = new byte[PageLocation.Size];
        new PageLocation(1, 2, position, epochPosition, length, offset).Write(bytes);

        Assert.False(PageLocation.TryRead(bytes, out _));
    }

    [Fact]
    public void LocateReply_WithACutLocation_IsMalformed()
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = FrameWriter.WriteLocateReply(frame, 9, 1, default, [new PageLocation(1, 2, 4096, 2048, 1, 0)]);
        frame[0]--;

        Assert.True(FrameReader.ReadHeaderAtClient(frame.AsSpan(0, length - 1), 1, out FrameHeader header).IsOk);
        Assert.Equal("a location is cut", FrameReader.ReadLocateReplyHead(header, frame.AsSpan(FrameHeader.Size), out _, out _).Reason);
    }

    [Fact]
    public void Locate_OfNeitherVersionNorPath_IsMalformed()
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = FrameWriter.WriteLocate(frame, 9, 1, new LocateRequest { Offset = 0, Length = 1, Path = "/"u8 });
        frame[FrameHeader.Size] = 1;

        Assert.True(FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk);
        Assert.Equal("neither a version nor a path alone is named", FrameReader.ReadLocate(header, frame.AsSpan(FrameHeader.Size), out _).Reason);
    }
}
