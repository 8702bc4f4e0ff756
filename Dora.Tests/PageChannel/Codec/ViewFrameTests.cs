using Dora.PageChannel.Codec;

namespace Dora.Tests.PageChannel.Codec;

public sealed class ViewFrameTests
{
    [Theory]
    [InlineData(-1, -1, 0)]
    [InlineData(0, 0, 1)]
    [InlineData(long.MaxValue, 9, 20_000)]
    public void View_WrittenAndRead_IsTheSame(long membership, long mounts, int wait)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        var request = new ViewRequest(membership, mounts, TimeSpan.FromMilliseconds(wait));
        int length = request.Write(frame, 9, 1);

        Assert.True(FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk);
        Assert.True(ViewRequest.Read(header, frame.AsSpan(FrameHeader.Size), out ViewRequest read).IsOk);
        Assert.Equal(request, read);
    }

    [Theory]
    [InlineData(7, 0xFF, "a version is negative")]
    [InlineData(15, 0xFF, "a version is negative")]
    [InlineData(18, 1, "the wait is out of range")]
    [InlineData(20, 1, "a reserved byte is not 0")]
    public void View_ThatBreaksARule_IsMalformed(int at, byte value, string rule)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = new ViewRequest(7, 3, TimeSpan.Zero).Write(frame, 9, 1);
        frame[FrameHeader.Size + at] = value;

        Assert.True(FrameReader.ReadHeaderAtWorker(frame.AsSpan(0, length), out FrameHeader header).IsOk);
        Assert.Equal(rule, ViewRequest.Read(header, frame.AsSpan(FrameHeader.Size), out _).Reason);
    }

    [Fact]
    public void Body_WrittenAndRead_IsTheSame()
    {
        WorkerInfo[] workers = [.. Enumerable.Range(0, 100).Select(static i => new WorkerInfo(new WorkerId($"w{i}"), i % 2 == 0 ? "10.0.0." + i : "hôst", 1000 + i, i, 1 + i))];
        Mount[] mounts =
        [
            new(DoraPath.Parse("/a"), UfsUri.Parse("s3://b/ü"), 1 << 16, Freshness.ValidateOnOpen with { StaleIfError = TimeSpan.FromHours(1) }) { Id = 7 },
            new(DoraPath.Parse("/a/漢"), UfsUri.Parse("/x"), 1 << 24, Freshness.Default) { Id = 65535, Replicas = 8, Rules = new CacheRules(long.MaxValue, TimeSpan.FromDays(7)) },
        ];
        var table = new MountTable(12, mounts, [new Pin(DoraPath.Parse("/a"), 20) { Id = 255 }]);

        byte[] body = new ViewBody("cluster-ü", 34, workers, table).Write()!;

        Assert.True(ViewBody.TryRead(body, out ViewBody? read));
        Assert.Equal(("cluster-ü", 34L, 12L), (read.ClusterId, read.MembershipVersion, read.Mounts.Version));
        Assert.Equal(workers, read.Workers);
        Assert.Equal(table.Mounts.AsEnumerable(), read.Mounts.Mounts.AsEnumerable());
        Assert.Equal(table.Pins.AsEnumerable(), read.Mounts.Pins.AsEnumerable());
    }

    [Fact]
    public void Body_WithFieldsOfALaterVersion_IsReadWithoutThem()
    {
        byte[] body = new ViewBody("c", 1, [new WorkerInfo(new WorkerId("w0"), "h", 1, 0, 100), new WorkerInfo(new WorkerId("w1"), "h", 2, 0, 100)], MountTable.Empty).Write()!;
        const int First = ViewBody.FixedSize + 1;
        byte[] longer = [.. body[..First], (byte)(body[First] + 3), 0, .. body[(First + 2)..(First + 2 + body[First])], 1, 2, 3, .. body[(First + 2 + body[First])..]];

        Assert.True(ViewBody.TryRead(longer, out ViewBody? read));
        Assert.Equal(["w0", "w1"], read.Workers.Select(static w => w.Id.Value));
    }

    [Fact]
    public void Body_LargerThanAFrame_IsNotWritten()
    {
        Mount[] mounts = [.. Enumerable.Range(0, 400).Select(static i => new Mount(DoraPath.Parse($"/{i}/{new string('x', 3000)}"), UfsUri.Parse("s3://b"), 1 << 20, Freshness.Default))];

        Assert.Null(new ViewBody("c", 1, [], new MountTable(1, mounts)).Write());
    }

    [Fact]
    public void Body_CutOrRandom_IsRefusedOrRead_AndNeverThrows()
    {
        var random = new Random(5);
        byte[] golden = new byte[PageChannelProtocol.MaxControlFrame];
        int length = FrameGoldenTests.Write("view reply", golden), refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] body = golden[FrameHeader.Size..random.Next(FrameHeader.Size, length + 1)];
            for (int flips = random.Next(3); flips > 0 && body.Length > 0; flips--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            refused += ViewBody.TryRead(body, out ViewBody? view) ? 0 : 1;
            Assert.True(view is null || view.Workers.Count <= ushort.MaxValue);
        }

        Assert.InRange(refused, 10_000, 20_000);
    }
}
