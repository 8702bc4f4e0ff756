using Dora.PageChannel.Codec;
using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.PageChannel.Codec;

public sealed class KnownFrameTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);
    private static readonly DateTimeOffset AskedAt = new(2026, 11, 29, 1, 2, 3, TimeSpan.Zero);

    [Fact]
    public void Known_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong High, ulong Low, bool Owned, bool Leaving)>(), static a =>
        {
            byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
            KnownFlags flags = a.Owned ? KnownFlags.Owned | (a.Leaving ? KnownFlags.Leaving : 0) : KnownFlags.None;
            FileId from = a.Owned ? new FileId(a.High, a.Low) : default;
            int length = FrameWriter.WriteKnown(frame, 9, 1, new KnownRequest { Flags = flags, From = from, Name = "worker-1"u8 });
            return FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk
                && FrameReader.ReadKnown(header, frame.AsSpan(FrameHeader.Size, length - FrameHeader.Size), out KnownRequest read).IsOk
                && (read.Flags, read.From) == (flags, from) && read.Name.SequenceEqual("worker-1"u8);
        }));

    [Fact]
    public void Records_WrittenAndRead_AreTheSame_OlderByTheirAge() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong Version, NonNegativeInt Length, NonNegativeInt Age, NonNegativeInt Path)>(), static a =>
        {
            byte[] body = new byte[8192];
            var age = TimeSpan.FromSeconds(a.Age.Get % 100_000_000);
            var written = new FileMetadata("s3://b/" + new string('ü', a.Path.Get % 500), (FileKind)(a.Version % 3), a.Length.Get, DateTimeOffset.UnixEpoch, new FileVersion(a.Version), default);
            int first = KnownRecord.Write(body, written, age), second = KnownRecord.Write(body.AsSpan(first), written, age);
            ReadOnlySpan<byte> left = body.AsSpan(0, first + second);
            FileMetadata expected = written with { LoadedAt = AskedAt - age };
            return KnownRecord.TryRead(ref left, AskedAt, out FileMetadata? a1) && KnownRecord.TryRead(ref left, AskedAt, out FileMetadata? a2)
                && a1 == expected && a2 == expected && left.IsEmpty && !KnownRecord.TryRead(ref left, AskedAt, out _);
        }));

    [Fact]
    public void Record_WithoutRoom_IsNotWritten()
    {
        FileMetadata file = FileMetadata.Missing("s3://b/a", default);
        byte[] body = new byte[100];
        int size = KnownRecord.Write(body, file, TimeSpan.Zero);

        Assert.Equal(KnownRecord.ReplySize(8), KnownRecord.ReplyHead + size);
        for (int room = 0; room < size; room++)
        {
            Assert.Equal(0, KnownRecord.Write(body.AsSpan(0, room), file, TimeSpan.Zero));
        }
    }

    [Fact]
    public void Record_CutOrRandom_IsRefusedOrRead_AndNeverThrows()
    {
        var random = new Random(7);
        byte[] body = new byte[100];
        for (int round = 0; round < 20_000; round++)
        {
            int size = KnownRecord.Write(body, FileMetadata.Missing("s3://b/a", default), TimeSpan.FromSeconds(1));
            body[random.Next(size)] = (byte)random.Next(256);
            ReadOnlySpan<byte> left = body.AsSpan(0, random.Next(size + 1)).ToArray();
            int before = left.Length;
            Assert.Equal(KnownRecord.TryRead(ref left, AskedAt, out FileMetadata? file), file is not null);
            Assert.Equal(file is not null, left.Length < before);
        }
    }

    [Theory]
    [InlineData(6, 6, "leaving is said of one file")]
    [InlineData(FrameHeader.Size, 1, "one path and a file id are named")]
    [InlineData(FrameHeader.Size + 16, 16, "the lengths in the body do not add up")]
    public void Held_OfAPartOfAFileId_IsMalformed(int at, byte value, string rule)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = FrameWriter.WriteKnown(frame, 9, 1, new KnownRequest { Flags = KnownFlags.Held, Name = new byte[2 * FileId.Size] });
        Assert.True(FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk);
        Assert.True(FrameReader.ReadKnown(header, frame.AsSpan(FrameHeader.Size, length - FrameHeader.Size), out KnownRequest read).IsOk);
        Assert.Equal(2 * FileId.Size, read.Name.Length);
        frame[at] = value;

        Assert.True(FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out header).IsOk);
        Assert.Equal(rule, FrameReader.ReadKnown(header, frame.AsSpan(FrameHeader.Size), out _).Reason);
        Assert.ThrowsAny<Exception>(() => FrameWriter.WriteKnown(frame, 9, 1, new KnownRequest { Flags = KnownFlags.Held, Name = new byte[15] }));
    }

    [Theory]
    [InlineData(6, 2, "leaving is said of one file")]
    [InlineData(FrameHeader.Size, 1, "one path and a file id are named")]
    [InlineData(FrameHeader.Size + 18, 1, "a reserved byte is not 0")]
    [InlineData(FrameHeader.Size + 16, 2, "the lengths in the body do not add up")]
    [InlineData(FrameHeader.Size + 24, 0xFF, "the path is not UTF-8")]
    public void Known_ThatBreaksARule_IsMalformed(int at, byte value, string rule)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = FrameWriter.WriteKnown(frame, 9, 1, new KnownRequest { Name = "s3://b"u8 });
        frame[at] = value;

        Assert.True(FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk);
        Assert.Equal(rule, FrameReader.ReadKnown(header, frame.AsSpan(FrameHeader.Size), out _).Reason);
    }
}
