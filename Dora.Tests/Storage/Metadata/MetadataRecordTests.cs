using Dora.Storage.Metadata;
using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.Storage.Metadata;

public sealed class MetadataRecordTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    private static readonly Arbitrary<FileMetadata> Metadata = (
        from path in Gen.Elements("a", "/", "ü", "漢", "😀", " ", "\uFFFD", "\0").ArrayOf()
        from kind in Gen.Elements(FileKind.Missing, FileKind.File, FileKind.Directory)
        from numbers in ArbMap.Default.GeneratorFor<ulong>().Four()
        select new FileMetadata(
            "file:///" + string.Concat(path), kind, (long)(numbers.Item1 >> 1), Time(numbers.Item2), new FileVersion(numbers.Item3), Time(numbers.Item4))).ToArbitrary();

    [Fact]
    public void Write_KnownFile_GivesTheFrozenBytes()
    {
        var metadata = new FileMetadata(
            "file:///data/ü", FileKind.File, 0x0102030405060708, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(6),
            new FileVersion(0x1112131415161718), new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero));

        Assert.Equal(
            "02" + "01" + "0030D3D75D48DF08" + "8600B796AB49DE08" + "1817161514131211" + "888E98A8C0E0808101" + "0F" + "66696C653A2F2F2F646174612FC3BC",
            Convert.ToHexString(Encode(metadata)));
    }

    [Fact]
    public void Write_NegativeEntry_GivesTheFrozenBytes()
    {
        FileMetadata metadata = FileMetadata.Missing("s3://b/k", new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero));

        Assert.Equal(
            "02" + "00" + "0030D3D75D48DF08" + "0080B5F7F57F9F08" + "0000000000000000" + "00" + "08" + "73333A2F2F622F6B",
            Convert.ToHexString(Encode(metadata)));
    }

    [Fact]
    public void Read_Written_IsTheSame() => Check.One(Runs, Prop.ForAll(Metadata, static m => Equals(MetadataRecord.Read(m.Id, Encode(m)), m)));

    [Fact]
    public void Read_FieldsOfALaterWriter_AreSkipped() => Check.One(Runs, Prop.ForAll(
        Metadata, ArbMap.Default.ArbFor<byte[]>(), static (m, later) => Equals(MetadataRecord.Read(m.Id, [.. Encode(m), .. later]), m)));

    [Fact]
    public void Read_FlagsOfALaterWriter_AreIgnored() => Check.One(Runs, Prop.ForAll(
        Metadata, ArbMap.Default.ArbFor<byte>(), static (m, flags) =>
        {
            byte[] bytes = Encode(m);
            bytes[1] |= (byte)(flags & 0xFC);
            return Equals(MetadataRecord.Read(m.Id, bytes), m);
        }));

    [Fact]
    public void Read_CutShort_IsNull() => Check.One(Runs, Prop.ForAll(
        Metadata, ArbMap.Default.ArbFor<NonNegativeInt>(), static (m, cut) =>
        {
            byte[] bytes = Encode(m);
            return MetadataRecord.Read(m.Id, bytes.AsSpan(0, cut.Get % bytes.Length)) is null;
        }));

    [Fact]
    public void Read_AnyBytes_NeverThrows() => Check.One(Runs, Prop.ForAll(
        Metadata, ArbMap.Default.ArbFor<(NonNegativeInt Position, byte Value)[]>(), static (m, damage) =>
        {
            byte[] bytes = Encode(m);
            foreach ((NonNegativeInt position, byte value) in damage)
            {
                bytes[position.Get % bytes.Length] = value;
            }

            FileMetadata? read = MetadataRecord.Read(m.Id, bytes);
            return read is null || (read.Length >= 0 && Enum.IsDefined(read.Kind));
        }));

    [Theory]
    [InlineData(0, 1)] // the older format
    [InlineData(0, 3)] // a later one
    [InlineData(1, 3)] // an unknown kind
    [InlineData(27, 200)] // a path longer than the record
    [InlineData(9, 0x80)] // a time before year 1
    [InlineData(17, 0x7F)] // a time after year 9999
    public void Read_ImpossibleByte_IsNull(int position, byte value)
    {
        var metadata = new FileMetadata("file:///a", FileKind.File, 1, DateTimeOffset.UnixEpoch, new FileVersion(1), DateTimeOffset.UnixEpoch);
        byte[] bytes = Encode(metadata);
        bytes[position] = value;
        Assert.Null(MetadataRecord.Read(metadata.Id, bytes));
    }

    [Fact]
    public void SizeOf_PathTooLong_IsRefused()
    {
        Assert.Equal(26 + 1 + 3 + MetadataRecord.MaxPathBytes, MetadataRecord.SizeOf(FileMetadata.Missing(new string('a', MetadataRecord.MaxPathBytes), default)));
        Assert.Equal(-1, MetadataRecord.SizeOf(FileMetadata.Missing(new string('a', MetadataRecord.MaxPathBytes + 1), default)));
    }

    private static DateTimeOffset Time(ulong any) => new((long)(any % (ulong)DateTime.MaxValue.Ticks), TimeSpan.Zero);

    private static byte[] Encode(FileMetadata metadata)
    {
        byte[] bytes = new byte[MetadataRecord.SizeOf(metadata)];
        MetadataRecord.Write(metadata, bytes);
        return bytes;
    }
}
