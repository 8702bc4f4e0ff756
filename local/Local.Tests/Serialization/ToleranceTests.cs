using System.Text;
using Orleans.Serialization;

namespace Local.Tests.Serialization;

public sealed class ToleranceTests
{
    private readonly Codec _serializer = new();

    [Fact]
    public void UnknownIds_Read_AreSkipped()
    {
        var node = new Node { Data = [1] };
        var value = new NewVersion { Added = Samples.Everything(new Random(1)), Renamed = "kept", AlsoAdded = [node], Same = node };
        Assert.Equal("kept", _serializer.Read<OldVersion>(Rename(_serializer.ToBytes(value), "Shapes.NewVersion", "Shapes.OldVersion")).Kept);
    }

    [Fact]
    public void UnknownTypeUnderUnknownId_Read_IsSkipped()
    {
        byte[] bytes = Rename(_serializer.ToBytes(new NewVersion { Added = new Everything(), Renamed = "kept" }), "Shapes.NewVersion", "Shapes.OldVersion");
        Assert.Equal("kept", _serializer.Read<OldVersion>(Rename(bytes, "Shapes.Everything", "Shapes.Evaporated")).Kept);
    }

    [Fact]
    public void UnknownObjectSkipped_LaterReferences_StillFit()
    {
        var node = new Node();
        byte[] bytes = _serializer.ToBytes(new object?[] { new NewVersion { Added = new Everything { Shape = new Circle() } }, node, node });
        object?[] back = _serializer.Read<object?[]>(Rename(Rename(bytes, "Shapes.NewVersion", "Shapes.OldVersion"), "Shapes.Everything", "Shapes.Evaporated"));
        Assert.IsType<Node>(back[1]);
        Assert.Same(back[1], back[2]);
    }

    [Fact]
    public void MissingIds_Read_KeepDefaults()
    {
        NewVersion value = _serializer.Read<NewVersion>(Rename(_serializer.ToBytes(new OldVersion { Kept = "k" }), "Shapes.OldVersion", "Shapes.NewVersion"));
        Assert.Equal(("k", null), (value.Renamed, value.Added));
    }

    [Fact]
    public void UnknownType_Read_IsNamed()
    {
        byte[] bytes = Rename(_serializer.ToBytes<object>(new OldVersion()), "Shapes.OldVersion", "Shapes.Vanished!!");
        Assert.Contains("Shapes.Vanished!!", Assert.Throws<CodecNotFoundException>(() => _serializer.Read<object>(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TypeWithoutSerializer_NamedOnTheWire_IsRefused()
    {
        byte[] bytes = Rename(_serializer.ToBytes<object>(new OldVersion()), "Shapes.OldVersion", "System.IO.FileInfo");
        Assert.Throws<CodecNotFoundException>(() => _serializer.Read<object>(bytes));
    }

    [Fact]
    public void DamagedBytes_Read_ThrowOnlySerializerException()
    {
        var random = new Random(11);
        byte[] good = _serializer.ToBytes(new object?[] { Samples.Everything(random), new OwnException("x", 1), new AggregateException(new IOException("y")), new NewVersion { AlsoAdded = [new Node()] } });
        for (int i = 0; i < 5_000; i++)
        {
            byte[] bad = good[..(random.Next(3) == 0 ? random.Next(good.Length) : good.Length)];
            for (int n = random.Next(1, 4); n > 0 && bad.Length > 0; n--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                _serializer.ReadAny(bad);
            }
            catch (SerializerException)
            {
                // The one type that callers handle.
            }
        }
    }

    [Fact]
    public void CountLargerThanTheMessage_Read_ThrowsBeforeAllocating()
    {
        byte[] empty = _serializer.ToBytes(Array.Empty<long>());
        byte[] bad = [.. empty[..^1], 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        Assert.Contains("claims 2147483647 elements", Assert.Throws<SerializerException>(() => _serializer.ReadAny(bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DeepNesting_WriteAndRead_ThrowsInsteadOfOverflowing()
    {
        var node = new Node();
        for (int i = 0; i < 200_000; i++) node = new Node { Parent = node };
        Assert.Contains("deeply", Assert.Throws<SerializerException>(() => _serializer.ToBytes(node)).Message, StringComparison.Ordinal);
        Assert.Contains("deeply", Assert.Throws<SerializerException>(() => _serializer.Copy(node)).Message, StringComparison.Ordinal);
    }

    private static byte[] Rename(byte[] bytes, string from, string to)
    {
        string text = Encoding.Latin1.GetString(bytes);
        string marked = (char)from.Length + from;
        Assert.Contains(marked, text, StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(text.Replace(marked, (char)to.Length + to, StringComparison.Ordinal));
    }
}
