using System.Text;
using Dora.PageChannel.Codec;
using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.PageChannel.Codec;

public sealed class ListFrameTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);
    private static readonly DateTimeOffset At = new(2026, 11, 29, 1, 2, 3, TimeSpan.Zero);

    [Fact]
    public void List_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong Id, ushort Limit, NonNegativeInt Path, NonNegativeInt More)>(), static a =>
        {
            byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
            int limit = 1 + (a.Limit % ListRequest.MaxEntries);
            byte[] path = Encoding.UTF8.GetBytes("/" + new string('ü', a.Path.Get % 1000)), rest = Encoding.UTF8.GetBytes(new string('漢', a.More.Get % 600));
            int length = new ListRequest { Flags = ListFlags.Failover, Limit = limit, Path = path, Continuation = rest }.Write(frame, a.Id, 3);
            return FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk
                && header == new FrameHeader(length - FrameHeader.Size, PageChannelOpcode.List, PageChannelStatus.Ok, 1, a.Id, 3)
                && ListRequest.Read(header, frame.AsSpan(FrameHeader.Size, header.BodyLength), out ListRequest read).IsOk
                && read.Limit == limit && read.Path.SequenceEqual(path) && read.Continuation.SequenceEqual(rest);
        }));

    [Theory]
    [InlineData(FrameHeader.Size, 0, "the number of entries is out of range")]
    [InlineData(FrameHeader.Size + 1, 0xFF, "the number of entries is out of range")]
    [InlineData(FrameHeader.Size + 2, 0, "the path is empty")]
    [InlineData(FrameHeader.Size + 2, 1, "the lengths in the body do not add up")]
    [InlineData(FrameHeader.Size + 4, 9, "the lengths in the body do not add up")]
    [InlineData(FrameHeader.Size + 6, 1, "a reserved byte is not 0")]
    [InlineData(FrameHeader.Size + 9, 0xFF, "the path is not UTF-8")]
    [InlineData(FrameHeader.Size + 13, 0xFF, "the continuation is not UTF-8")]
    public void List_ThatBreaksARule_IsMalformed(int at, byte value, string rule)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = new ListRequest { Limit = 5, Path = "/a/b"u8, Continuation = "c/d"u8 }.Write(frame, 9, 1);
        frame[at] = value;

        Assert.True(FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk);
        Assert.Equal(rule, ListRequest.Read(header, frame.AsSpan(FrameHeader.Size), out _).Reason);
    }

    [Fact]
    public void Page_WrittenAndRead_IsTheSame() => Check.One(Runs, Prop.ForAll(
        ArbMap.Default.ArbFor<(NonNegativeInt Skipped, bool IsLast, NonNegativeInt Entries, ulong Version)>(), static a =>
        {
            byte[] body = new byte[64 * 1024];
            SkippedEntries[] skipped = [.. Enumerable.Range(0, a.Skipped.Get % 12).Select(i => new SkippedEntries((SkipReason)i, a.Skipped.Get, i % 2 == 0 ? ["a", "ü\u0001"] : []))];
            var page = new ListPage(At, "s3://b/ü", a.IsLast ? null : "3/漢", a.Version, skipped);
            ListedEntry[] entries = [.. Enumerable.Range(0, a.Entries.Get % 50).Select(i => new ListedEntry(
                $"n{i}ü", i % 3 == 0 ? $"file:///x/{i}" : null, i % 2 == 0 ? FileKind.File : FileKind.Directory, i, At.AddTicks(i), new FileVersion(a.Version), i % 5 == 0, (UInt128)(i % 7)))];
            int length = page.WriteHead(body);
            foreach (ListedEntry entry in entries)
            {
                length += entry.Write(body.AsSpan(length));
            }

            ReadOnlySpan<byte> left = body.AsSpan(0, length);
            bool isSame = ListPage.TryReadHead(ref left, out ListPage? read) && read with { Skipped = skipped } == page && read.Skipped.SequenceEqual(skipped);
            foreach (ListedEntry entry in entries)
            {
                isSame &= ListedEntry.TryRead(ref left, out ListedEntry other) && other == entry;
            }

            return isSame && left.IsEmpty;
        }));

    [Fact]
    public void Page_OfALaterVersion_IsReadWithoutWhatIsNew()
    {
        byte[] body = new byte[1000];
        int head = new ListPage(At, "s3://b", null, 7, []).WriteHead(body);
        int end = head + new ListedEntry("n", null, FileKind.Directory, 1, At, new FileVersion(2), IsLink: true, DirectoryId: 9).Write(body.AsSpan(head));

        // A field with another number behind those of the page, of the entry, and a bit and a reason that have no name yet.
        byte[] unknown = [200, 3, 0, 1, 2, 3], unnamed = [ListField.Skipped, 9, 0, 250, 4, 0, 0, 0, 0, 0, 0, 0];
        byte[] longer = [.. body[..head], .. unknown, .. unnamed, .. body[head..end], .. unknown];
        longer[12] += (byte)(unknown.Length + unnamed.Length);
        int entry = head + unknown.Length + unnamed.Length;
        longer[entry + 4] += (byte)unknown.Length;
        longer[entry + 7] |= 0x80;
        ReadOnlySpan<byte> left = longer;

        Assert.True(ListPage.TryReadHead(ref left, out ListPage? page));
        Assert.True(ListedEntry.TryRead(ref left, out ListedEntry read));

        Assert.Equal(("s3://b", (UInt128)7, true), (page.UfsPath, page.DirectoryId, left.IsEmpty));
        Assert.Equal([new SkippedEntries(SkipReason.Unknown, 4, [])], page.Skipped);
        Assert.Equal(("n", (UInt128)9, true), (read.Name, read.DirectoryId, read.IsLink));
    }

    [Theory]
    [InlineData("s3://b/d", "n", "s3://b/d/n", true)]
    [InlineData("file:///", "n", "file:///n", true)]
    [InlineData("s3://b/d", "n", "s3://b/e/n", false)]
    [InlineData("s3://b/d", "n", "s3://b/d/m/n", false)]
    [InlineData("", "n", "", false)]
    public void UfsPath_OfAnEntryInItsDirectory_IsNotSentTwice(string directory, string name, string path, bool isIn)
    {
        Assert.Equal(isIn, ListPage.IsIn(directory, name, path));
        Assert.True(!isIn || new ListPage(At, directory, null, 0, []).PathOf(name) == path);
    }

    [Fact]
    public void Page_WithoutRoom_IsNotWritten()
    {
        byte[] body = new byte[100];
        var page = new ListPage(At, "s://b", "c", 3, [new SkippedEntries(SkipReason.Socket, 1, ["s"])]);
        var entry = new ListedEntry("n", "s://x", FileKind.Directory, 1, At, new FileVersion(2), DirectoryId: 4);
        int head = page.WriteHead(body), size = entry.Write(body);
        for (int room = 0; room < head; room++)
        {
            Assert.Equal(0, page.WriteHead(body.AsSpan(0, room)));
        }

        for (int room = 0; room < size; room++)
        {
            Assert.Equal(0, entry.Write(body.AsSpan(0, room)));
        }
    }

    [Fact]
    public void Page_CutOrRandom_IsRefusedOrRead_AndNeverThrows()
    {
        var random = new Random(11);
        byte[] golden = new byte[PageChannelProtocol.MaxControlFrame];
        int length = FrameGoldenTests.Write("list reply", golden);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] body = golden[FrameHeader.Size..random.Next(FrameHeader.Size, length + 1)];
            for (int flips = random.Next(3); flips > 0 && body.Length > 0; flips--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            ReadOnlySpan<byte> left = body;
            bool isPage = ListPage.TryReadHead(ref left, out ListPage? page);
            Assert.Equal(isPage, page is not null);
            while (isPage && !left.IsEmpty && ListedEntry.TryRead(ref left, out ListedEntry entry))
            {
                Assert.NotEmpty(entry.Name);
            }
        }
    }
}
