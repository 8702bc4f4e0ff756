namespace Dora.Tests.Core.Ring;

/// <summary>
/// Who owns what, frozen. If this fails, a new build sends reads to other workers than the released one: in a cluster with both, each calls the other
/// wrong, and after an upgrade every warm cache is cold. Do not edit the table; a new mapping needs a way for both to agree on one.
/// </summary>
public sealed class WorkerRingGoldenTests
{
    private static readonly string[] Paths =
    [
        "file:///data/a.bin", "file:///data/b.bin", "s3://bucket/train/0001.parquet", "s3://bucket/train/0002.parquet", "https://host/x y/ü.txt",
        "file:///", "dora:///", "file:///data/deep/er/and/deep/er.txt",
    ];

    public static TheoryData<string, string> Sets => new()
    {
        { "w0", "w0 w0 w0 w0 w0 w0 w0 w0" },
        { "w0 w1", "w0 w0 w1 w1 w0 w0 w0 w0" },
        { "w0 w1 w2", "w2 w0 w1 w1 w0 w0 w2 w0" },
        { "w0:50 w1:100 w2:200 w3:10000", "w3 w0 w3 w3 w3 w3 w3 w3" },
        { "a b c d e f g h i j", "j f c h b i g e" },
        { "worker-10.0.0.1 worker-10.0.0.2 worker-10.0.0.3 worker-10.0.0.4 worker-10.0.0.5:1", "worker-10.0.0.1 worker-10.0.0.1 worker-10.0.0.4 worker-10.0.0.2 worker-10.0.0.3 worker-10.0.0.4 worker-10.0.0.2 worker-10.0.0.3" },
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public void Owner_OfFrozenFiles_IsTheFrozenOne(string members, string owners)
    {
        WorkerRing ring = new(members.Split(' ').Select(Parse));

        Assert.Equal(owners, string.Join(' ', Paths.Select(p => ring.Owner(FileId.FromUfsPath(p)))));
    }

    [Theory]
    [InlineData("file:///data/a.bin", "e d b c a f")]
    [InlineData("s3://bucket/train/0001.parquet", "c a b d e f")]
    public void Owners_OfAFrozenFile_AreInTheFrozenOrder(string path, string order)
    {
        WorkerRing ring = new("a b c:300 d e f:10".Split(' ').Select(Parse));
        var owners = new int[6];

        Assert.Equal(6, ring.Owners(FileId.FromUfsPath(path), owners));

        Assert.Equal(order, string.Join(' ', owners.Select(i => ring.Members[i].Id)));
    }

    private static RingMember Parse(string text) =>
        text.Split(':') is [var id, var weight]
            ? new RingMember(new WorkerId(id), int.Parse(weight, System.Globalization.CultureInfo.InvariantCulture))
            : new RingMember(new WorkerId(text), WorkerDescriptor.DefaultWeight);
}
