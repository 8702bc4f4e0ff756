using System.Text;
using Dora.PageChannel.Codec;
using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.PageChannel.Codec;

public sealed class FramePropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    private static readonly Arbitrary<byte[]> Paths =
        Gen.Elements('a', '/', 'ü', '漢', ' ').ArrayOf().Where(static c => c.Length is > 0 and < 1000)
            .Select(static c => Encoding.UTF8.GetBytes(c)).ToArbitrary();

    [Fact]
    public void Stat_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong Id, NonNegativeInt Membership, bool Failover, bool Refresh)>(), Paths, static (a, path) =>
        {
            Span<byte> frame = stackalloc byte[PageChannelProtocol.MaxControlFrame];
            StatFlags flags = (a.Failover ? StatFlags.Failover : 0) | (a.Refresh ? StatFlags.Refresh : 0);
            int length = FrameWriter.WriteStat(frame, a.Id, a.Membership.Get, new StatRequest { Flags = flags, Path = path });
            return FrameReader.ReadHeaderAtWorker(frame[..length], out FrameHeader header).IsOk
                && header == new FrameHeader(length - 24, PageChannelOpcode.Stat, PageChannelStatus.Ok, (ushort)flags, a.Id, a.Membership.Get)
                && FrameReader.ReadStat(header, frame[FrameHeader.Size..length], out StatRequest read).IsOk
                && read.Flags == flags
                && read.Path.SequenceEqual(path);
        }));

    [Fact]
    public void Read_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong High, ulong Low, ulong Version, NonNegativeInt Length, ulong Offset)>(), Paths, static (a, path) =>
        {
            Span<byte> frame = stackalloc byte[PageChannelProtocol.MaxControlFrame];
            var file = new FileId(a.High, a.Low);
            int wanted = a.Length.Get % (PageChannelProtocol.MaxReadLength + 1);
            long offset = (long)(a.Offset >> 2);
            var flags = (ReadFlags)(a.High & 15);
            int length = FrameWriter.WriteRead(frame, a.Low, 0, new ReadRequest
            {
                Flags = flags,
                File = file,
                Version = new FileVersion(a.Version),
                Offset = offset,
                Length = wanted,
                Path = path,
            });
            return FrameReader.ReadHeaderAtWorker(frame[..length], out FrameHeader header).IsOk
                && FrameReader.ReadRead(header, frame[FrameHeader.Size..length], out ReadRequest read).IsOk
                && (read.Flags, read.File, read.Version.Value, read.Offset, read.Length) == (flags, file, a.Version, offset, wanted)
                && read.Path.SequenceEqual(path);
        }));

    [Fact]
    public void StatReply_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong High, ulong Low, ulong Version, NonNegativeInt Ticks, ulong Length)>(), static a =>
        {
            Span<byte> frame = stackalloc byte[PageChannelProtocol.MaxControlFrame];
            var written = new StatReply(
                new FileId(a.High, a.Low),
                new FileVersion(a.Version),
                (FileKind)(a.High % 3),
                (long)(a.Length >> 1),
                new DateTimeOffset(a.Ticks.Get * 1_000_000_000L % DateTime.MaxValue.Ticks, TimeSpan.Zero),
                new DateTimeOffset(a.Ticks.Get, TimeSpan.Zero),
                a.Low % 3 == 0 ? 0 : PageGeometry.ExtentGrid << (int)(a.Low % 9));
            int length = FrameWriter.WriteStatReply(frame, a.Low, 5, ReplyFlags.None, written);
            return FrameReader.ReadHeaderAtClient(frame[..length], 1, out FrameHeader header).IsOk
                && FrameReader.ReadStatReply(header, frame[FrameHeader.Size..length], out StatReply read).IsOk
                && read == written;
        }));

    [Fact]
    public void Hello_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(byte Cluster, byte Worker, ushort Token, ushort Min, ushort Max)>(), static a =>
        {
            Span<byte> frame = stackalloc byte[PageChannelProtocol.MaxControlFrame];
            byte[] cluster = Filled(a.Cluster % 129), worker = Filled(a.Worker % 65), token = Filled(a.Token % 1025);
            ushort min = Math.Max((ushort)1, Math.Min(a.Min, a.Max)), max = Math.Max(min, a.Max);
            int length = FrameWriter.WriteHello(frame, 0, new HelloRequest
            {
                MinVersion = min,
                MaxVersion = max,
                MaxReadLength = a.Token + 1,
                MaxInFlight = a.Token + 1,
                ClusterId = cluster,
                WorkerId = worker,
                Token = token,
            });
            return FrameReader.ReadHeaderAtWorker(frame[..length], out FrameHeader header).IsOk
                && FrameReader.ReadHello(header, frame[FrameHeader.Size..length], out HelloRequest read).IsOk
                && (read.MinVersion, read.MaxVersion, read.MaxReadLength, read.MaxInFlight) == (min, max, a.Token + 1, a.Token + 1)
                && read.ClusterId.SequenceEqual(cluster) && read.WorkerId.SequenceEqual(worker) && read.Token.SequenceEqual(token);
        }));

    [Fact]
    public void HelloReply_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(byte Cluster, byte Worker, ushort Version, ushort Limit)>(), static a =>
        {
            Span<byte> frame = stackalloc byte[PageChannelProtocol.MaxControlFrame];
            byte[] cluster = Filled(a.Cluster % 129), worker = Filled(1 + (a.Worker % 64));
            ushort version = Math.Max((ushort)1, a.Version);
            int length = FrameWriter.WriteHelloReply(frame, 0, new HelloReply
            {
                Version = version,
                MaxReadLength = a.Limit + 1,
                MaxInFlight = a.Limit + 1,
                ClusterId = cluster,
                WorkerId = worker,
            });
            return FrameReader.ReadHeaderAtClient(frame[..length], 1, out FrameHeader header).IsOk
                && FrameReader.ReadHelloReply(header, frame[FrameHeader.Size..length], out HelloReply read).IsOk
                && (read.Version, read.MaxReadLength, read.MaxInFlight) == (version, a.Limit + 1, a.Limit + 1)
                && read.ClusterId.SequenceEqual(cluster) && read.WorkerId.SequenceEqual(worker);
        }));

    [Fact]
    public void Message_AnyText_IsReadBackOrCutToAPrefix() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(NonNull<string> Text, byte Repeat)>(), static a =>
        {
            Span<byte> frame = stackalloc byte[PageChannelProtocol.MaxControlFrame];
            string text = string.Concat(Enumerable.Repeat(a.Text.Get, a.Repeat));
            int length = FrameWriter.WriteGoodbye(frame, 0, PageChannelStatus.Failed, text);
            return FrameReader.ReadHeaderAtClient(frame[..length], 1, out FrameHeader header).IsOk
                && FrameReader.ReadMessage(header, frame[FrameHeader.Size..length], out ReadOnlySpan<byte> message).IsOk
                && Encoding.UTF8.GetBytes(text).AsSpan().StartsWith(message)
                && (message.Length > PageChannelProtocol.MaxMessageBytes - 4 || Encoding.UTF8.GetByteCount(text) == message.Length);
        }));

    [Fact]
    public void Bytes_RandomOrMutated_NeverThrowAndStayWithinTheCaps()
    {
        var random = new Random(20260801);
        string[] names = [.. FrameGoldenTests.Frames.Select(static f => (string)f[0])];
        var frame = new byte[PageChannelProtocol.MaxControlFrame];
        int malformed = 0, whole = 0;
        for (int round = 0; round < 200_000; round++)
        {
            int length = FrameGoldenTests.Write(names[random.Next(names.Length)], frame);
            switch (random.Next(4))
            {
                case 0: random.NextBytes(frame.AsSpan(0, length)); break;
                case 1: random.NextBytes(frame.AsSpan(random.Next(length), 1)); break;
                case 2: frame[random.Next(length)] ^= (byte)(1 << random.Next(8)); break;
                default: random.NextBytes(frame.AsSpan(FrameHeader.Size, length - FrameHeader.Size)); break;
            }

            // An array of exactly that many bytes: a read past the end would throw.
            FrameDecode decode = FrameReaderTests.DecodeAny(frame.AsSpan(0, length).ToArray());
            malformed += decode.Outcome == FrameDecodeOutcome.Malformed ? 1 : 0;
            whole += decode.IsOk ? 1 : 0;
            Assert.InRange(decode.Needed, 0, PageChannelProtocol.MaxControlFrame);
        }

        Assert.InRange(malformed, 50_000, 190_000);
        Assert.InRange(whole, 10_000, 150_000);
    }

    private static byte[] Filled(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill((byte)'x');
        return bytes;
    }
}
