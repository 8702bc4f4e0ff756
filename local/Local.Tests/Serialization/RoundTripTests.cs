using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Local.Tests.Serialization;

public sealed class RoundTripTests
{
    private readonly Codec _serializer = new();

    [Fact]
    public void Everything_RoundTrip_Equal()
    {
        var random = new Random(7);
        for (int i = 0; i < 200; i++)
        {
            Everything value = Samples.Everything(random);
            Samples.AssertEqual(value, RoundTrip(value));
            Samples.AssertEqual(value, _serializer.Copy(value));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    [InlineData((byte)200)]
    [InlineData((sbyte)-3)]
    [InlineData((short)-300)]
    [InlineData(ushort.MaxValue)]
    [InlineData(int.MinValue)]
    [InlineData(uint.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(ulong.MaxValue)]
    [InlineData('ß')]
    [InlineData(1.5f)]
    [InlineData(double.NaN)]
    [InlineData("")]
    [InlineData("日本")]
    [InlineData(Colour.Blue)]
    [InlineData(DayOfWeek.Friday)]
    public void Boxed_RoundTrip_SameTypeAndValue(object? value) => Assert.Equal(value, RoundTrip(value));

    [Fact]
    public void ArgumentArray_RoundTrip_Equal()
    {
        object?[] arguments = [1, "a", null, new Point(1, 2), new byte[] { 1, 2 }, new[] { 1, 2, 3 }, Tuple.Create(1, "x"), new List<Shape> { new Circle(3) { Label = "c" } }];
        object?[] back = RoundTrip(arguments);
        Assert.Equal(arguments[..7], back[..7]);
        Circle circle = Assert.IsType<Circle>(Assert.Single(Assert.IsType<List<Shape>>(back[7])));
        Assert.Equal((3, "c"), (circle.Radius, circle.Label));
    }

    [Fact]
    public void PositionalRecord_WithoutIds_RoundTrip() => Assert.Equal(new Positional("a", 3) { Note = "n" }, RoundTrip(new Positional("a", 3) { Note = "n" }));

    [Fact]
    public void InheritedMembers_SameIdsOnTwoLevels_RoundTrip()
    {
        var circle = new Circle(2.5) { Label = "l", Secret = 9, Centre = new Point(1, 2), Ignored = 4 };
        Circle back = Assert.IsType<Circle>(RoundTrip<Shape>(circle));
        Assert.Equal((2.5, "l", 9L, new Point(1, 2), 0), (back.Radius, back.Label, back.Secret, back.Centre, back.Ignored));
    }

    [Fact]
    public void Cycle_RoundTripAndCopy_KeepsIdentity()
    {
        var root = new Node { Data = [1] };
        root.Children.Add(new Node { Parent = root });
        root.Children.Add(root.Children[0]);
        foreach (Node back in new[] { RoundTrip(root), _serializer.Copy(root) })
        {
            Assert.NotSame(root, back);
            Assert.Same(back, back.Children[0].Parent);
            Assert.Same(back.Children[0], back.Children[1]);
        }
    }

    [Fact]
    public void Comparer_OrdinalIgnoreCase_Survives()
    {
        var map = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["A"] = 1 };
        Assert.Equal(1, RoundTrip(map)["a"]);
        Assert.Equal(1, RoundTrip(map.ToImmutableDictionary(StringComparer.OrdinalIgnoreCase))["a"]);
    }

    [Fact]
    public void Comparer_Unknown_Refused()
    {
        var map = new Dictionary<string, int>(StringComparer.InvariantCultureIgnoreCase);
        Assert.Contains("comparer", Assert.Throws<CodecNotFoundException>(() => _serializer.ToBytes(map)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SystemException_RoundTrip_KeepsTypeMessageInnerAndStack()
    {
        Exception thrown = Catch(() => throw new ArgumentOutOfRangeException("size", "too big"));
        var back = Assert.IsType<ArgumentOutOfRangeException>(RoundTrip(thrown));
        Assert.Equal((thrown.Message, "size"), (back.Message, back.ParamName));
        Assert.Contains(nameof(SystemException_RoundTrip_KeepsTypeMessageInnerAndStack), back.StackTrace, StringComparison.Ordinal);
        var aggregate = Assert.IsType<AggregateException>(RoundTrip<Exception>(new AggregateException("two", new IOException("a"), new TimeoutException("b"))));
        Assert.Equal(["a", "b"], aggregate.InnerExceptions.Select(e => e.Message));
        Assert.IsType<IOException>(aggregate.InnerException);
        Assert.Equal(SocketError.ConnectionReset, RoundTrip(new SocketException((int)SocketError.ConnectionReset)).SocketErrorCode);
        Assert.Equal("f", RoundTrip(new FileNotFoundException("m", "f")).FileName);
    }

    [Fact]
    public void OwnException_WithSerializer_KeepsMembers()
    {
        OwnException back = Assert.IsType<OwnException>(RoundTrip<Exception>(new OwnException("no", 42)));
        Assert.Equal(("no", 42), (back.Message, back.Code));
    }

    [Fact]
    public void OwnException_WithoutSerializer_Refused()
    {
        CodecNotFoundException e = Assert.Throws<CodecNotFoundException>(() => _serializer.ToBytes<Exception>(new BareException("why")));
        Assert.Contains(typeof(BareException).FullName!, e.Message, StringComparison.Ordinal);
        Assert.Contains("why", e.Message, StringComparison.Ordinal);
        Assert.Throws<CodecNotFoundException>(() => _serializer.Copy<Exception>(new IOException("x", new BareException("why"))));
        var io = new IOException("x");
        Assert.Same(io, _serializer.Copy<Exception>(io));
    }

    [Fact]
    public void UnserializableValue_Refused()
    {
        Assert.Contains("Plain", Assert.Throws<CodecNotFoundException>(() => _serializer.ToBytes<object>(new Plain())).Message, StringComparison.Ordinal);
        Assert.Throws<CodecNotFoundException>(() => _serializer.Copy<object>(new Plain()));
    }

    [Fact]
    public void Copy_IsDeep_ExceptWhatIsImmutable()
    {
        var frozen = new Frozen([1]);
        byte[] shared = [2];
        object?[] original = [new byte[] { 1 }, frozen, new Immutable<byte[]>(shared), new[] { new byte[] { 3 } }, IPAddress.Loopback];
        object?[] copy = _serializer.Copy(original);
        Assert.NotSame(original[0], copy[0]);
        Assert.Same(frozen, copy[1]);
        Assert.Same(shared, ((Immutable<byte[]>)copy[2]!).Value);
        Assert.NotSame(((byte[][])original[3]!)[0], ((byte[][])copy[3]!)[0]);
        Assert.Same(IPAddress.Loopback, copy[4]);
    }

    [Fact]
    public void RuntimeValues_RoundTrip_Equal()
    {
        object?[] values = [GrainId.Create("file", "/a/b"), default(GrainId), SiloAddress.FromParsableString("127.0.0.1:11111@42"), GrainType.Create("file"), IdSpan.Create("k"), new MembershipVersion(7)];
        Assert.Equal(values, RoundTrip(values));
        Assert.Equal(values, _serializer.Copy(values));
    }

    [Theory]
    [InlineData(typeof(int), true)]
    [InlineData(typeof(string), true)]
    [InlineData(typeof(Frozen), true)]
    [InlineData(typeof(GrainId), true)]
    [InlineData(typeof(Immutable<byte[]>), true)]
    [InlineData(typeof(ImmutableArray<string>), true)]
    [InlineData(typeof(ImmutableArray<byte[]>), false)]
    [InlineData(typeof(byte[]), false)]
    [InlineData(typeof(Node), false)]
    [InlineData(typeof(Shape), false)]
    [InlineData(typeof(object), false)]
    public void IsImmutable_Type_Known(Type type, bool expected) => Assert.Equal(expected, _serializer.IsImmutable(type));

    [Fact]
    public void RecordOfEightFields_Serialized_IsCompact()
    {
        byte[] bytes = _serializer.ToBytes(new Positional("/imagenet/train/n01440764/x.jpg", 120_000) { Note = null });
        Assert.InRange(bytes.Length, 1, 31 + 40);
    }

    private static Exception Catch(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            return e;
        }

        throw new InvalidOperationException("Nothing was thrown.");
    }

    private T RoundTrip<T>(T value) => _serializer.Read<T>(_serializer.ToBytes(value));
}
