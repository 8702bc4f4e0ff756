using System.Collections.Immutable;
using System.Net;
using Dora.Tests.OrleansConformance.Grains;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class SerializationTests(ClusterFixture fixture)
{
    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Argument_Mutable_IsCopied(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IEchoGrain>(route, key);
        var box = new Box { Label = "mine", Items = ["a"], Inner = new() { ["x"] = new Box { Label = "inner" } } };
        await grain.KeepBoxAsync(box);
        Assert.Equal("mine", box.Label);
        Assert.Equal(["a"], box.Items);

        // Nor does the grain see later changes of the caller.
        box.Inner["x"].Label = "changed";
        Box seen = Shelf.Take<Box>(key);
        Assert.NotSame(box, seen);
        Assert.Equal("mine (seen)", seen.Label);
        Assert.Equal("inner", seen.Inner!["x"].Label);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Result_Mutable_IsCopied(Route route)
    {
        string key = Keys.New();
        Shelf.Put(key, new Box { Label = "kept", Items = ["a"] });
        var grain = await fixture.GrainAsync<IEchoGrain>(route, key);
        Box first = await grain.GiveBoxAsync();
        first.Items!.Add("b");
        Assert.Equal(["a"], (await grain.GiveBoxAsync()).Items);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task ByteArray_IsCopied(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IEchoGrain>(route, key);
        byte[] bytes = [1, 2, 3];
        await grain.KeepBytesAsync(bytes);
        bytes[0] = 9;
        Assert.Equal([1, 2, 3], Shelf.Take<byte[]>(key));
    }

    [Fact]
    public async Task ImmutableType_OnALocalCall_IsPassedByReference()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IEchoGrain>(Route.SameSilo, key);
        var note = new SealedNote("text", ["line"]);
        Assert.Same(note, await grain.KeepNoteAsync(note));
        Assert.Same(note, Shelf.Take<SealedNote>(key));
    }

    [Fact]
    public async Task ImmutableWrapper_OnALocalCall_IsPassedByReference()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IEchoGrain>(Route.SameSilo, key);
        byte[] bytes = [1, 2, 3];
        Assert.Same(bytes, (await grain.KeepImmutableBytesAsync(bytes.AsImmutable())).Value);
        Assert.Same(bytes, Shelf.Take<byte[]>(key));
    }

    [Theory]
    [InlineData(Route.ExternalClient)]
    [InlineData(Route.OtherSilo)]
    public async Task ImmutableValues_ToAnotherSilo_AreEqualCopies(Route route)
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(route, Keys.New());
        var note = new SealedNote("text", ["line"]);
        SealedNote back = await grain.KeepNoteAsync(note);
        Assert.NotSame(note, back);
        Assert.Equal(note.Text, back.Text);
        Assert.Equal(note.Lines, back.Lines);
        Assert.Equal([1, 2, 3], (await grain.KeepImmutableBytesAsync(new byte[] { 1, 2, 3 }.AsImmutable())).Value);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Scalars_RoundTrip(Route route)
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(route, Keys.New());
        var scalars = new Scalars
        {
            Bool = true,
            Byte = 255,
            Short = short.MinValue,
            UShort = ushort.MaxValue,
            Int = int.MinValue,
            UInt = uint.MaxValue,
            Long = long.MinValue,
            ULong = ulong.MaxValue,
            Float = float.Epsilon,
            Double = double.NaN,
            Decimal = 1.10m,
            Char = 'ß',
            String = "Ünï ✓ \0",
            Guid = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
            DateTime = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(7),
            DateTimeOffset = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(-7)).AddTicks(7),
            TimeSpan = TimeSpan.FromTicks(-1),
            Color = Color.Green,
            Some = -5,
            None = null,
            Point = new Point(-1, 2),
            NoPoint = null,
            Uri = new Uri("https://example.org/a%20b?c=d"),
            EndPoint = new IPEndPoint(IPAddress.IPv6Loopback, 65535),
            GrainId = GrainId.Create("type", "key/with/slash"),
            Silo = SiloAddress.New(IPAddress.Loopback, 11111, 42),
            Tuple = (7, "seven"),
        };
        Scalars back = await grain.EchoAsync(scalars);
        Assert.Equal(scalars, back);
        Assert.Equal(DateTimeKind.Utc, back.DateTime.Kind);
        Assert.Equal(scalars.DateTimeOffset.Offset, back.DateTimeOffset.Offset);
        Assert.Equal(new Scalars(), await grain.EchoAsync(new Scalars()));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Collections_RoundTrip(Route route)
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(route, Keys.New());
        var sent = new Collections
        {
            Array = [1, -1, int.MaxValue],
            Texts = ["a", null, ""],
            Jagged = [[], [1], [1, 2]],
            List = [new Point(1, 2), default],
            Dictionary = new() { ["one"] = 1, [""] = 0 },
            Set = ["x", "y"],
            ReadOnlyList = new List<string>(["p", "q"]),
            ImmutableArray = [3, 4],
            ImmutableDictionary = ImmutableDictionary<string, int>.Empty.Add("k", 5),
            Memory = new byte[] { 1, 2, 3, 4 }.AsMemory(1, 2),
            Shapes = [new Circle { Name = "c", Radius = 1.5 }, null, new HollowCircle { Name = "h", Radius = 3, Hole = 2 }],
        };
        Collections back = await grain.EchoAsync(sent);
        Assert.Equal(sent.Array, back.Array);
        Assert.Equal(sent.Texts, back.Texts);
        Assert.Equal(sent.Jagged, back.Jagged);
        Assert.Equal(sent.List, back.List);
        Assert.Equal(sent.Dictionary, back.Dictionary);
        Assert.Equal(sent.Set, back.Set);
        Assert.Equal(sent.ReadOnlyList, back.ReadOnlyList);
        Assert.Equal(sent.ImmutableArray.ToArray(), back.ImmutableArray.ToArray());
        Assert.Equal(sent.ImmutableDictionary, back.ImmutableDictionary);
        Assert.Equal([2, 3], back.Memory.ToArray());
        Assert.Equal(1.5, Assert.IsType<Circle>(back.Shapes![0]).Radius);
        Assert.Null(back.Shapes[1]);
        var hollow = Assert.IsType<HollowCircle>(back.Shapes[2]);
        Assert.Equal(("h", 3.0, 2.0), (hollow.Name, hollow.Radius, hollow.Hole));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Collections_NullOrEmpty_StaySo(Route route)
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(route, Keys.New());
        Collections none = await grain.EchoAsync(new Collections());
        Assert.Null(none.Array);
        Assert.Null(none.Dictionary);
        Assert.True(none.ImmutableArray.IsEmpty);
        Collections empty = await grain.EchoAsync(new Collections { Array = [], List = [], Dictionary = [], Set = [], ReadOnlyList = new List<string>() });
        Assert.Empty(empty.Array!);
        Assert.Empty(empty.List!);
        Assert.Empty(empty.Dictionary!);
        Assert.Empty(empty.Set!);
        Assert.Empty(empty.ReadOnlyList!);
        Assert.Null(await grain.EchoAsync((Box?)null));
        Assert.Null(await grain.EchoAsync((Shape?)null));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task DerivedType_AsItsBase_KeepsItsTypeAndFields(Route route)
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(route, Keys.New());
        var hollow = Assert.IsType<HollowCircle>(await grain.EchoAsync((Shape)new HollowCircle { Name = "h", Radius = 3, Hole = 2 }));
        Assert.Equal(("h", 3.0, 2.0), (hollow.Name, hollow.Radius, hollow.Hole));
        Assert.Equal(new DerivedRecord("d", 4), await grain.EchoAsync((BaseRecord)new DerivedRecord("d", 4)));
        Assert.Equal(new BaseRecord("b"), await grain.EchoAsync(new BaseRecord("b")));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Records_RequiredAndGeneric_RoundTrip(Route route)
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(route, Keys.New());
        var record = new RequiredRecord { Name = "n", At = DateTimeOffset.UnixEpoch };
        Assert.Equal(record, await grain.EchoAsync(record));
        Assert.Equal(record with { At = null }, await grain.EchoAsync(record with { At = null }));
        Labelled<Box> labelled = await grain.EchoAsync(new Labelled<Box>("l", new Box { Bytes = [7] }));
        Assert.Equal("l", labelled.Label);
        Assert.Equal([7], labelled.Value.Bytes);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Arguments_OfSeveralKinds_Arrive(Route route)
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(route, Keys.New());
        Assert.Equal("null null None null ", await grain.ArgumentsAsync(null, null, Color.None, null));
        Assert.Equal("t 5 Red Point { X = 1, Y = 2 } a+b", await grain.ArgumentsAsync("t", 5, Color.Red, new Point(1, 2), "a", "b"));
        Assert.Equal([2, 3], (await grain.MemoryAsync(new byte[] { 1, 2, 3 }.AsMemory(1))).ToArray());
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task GrainReference_TravelsAndWorksAtTheOtherEnd(Route route)
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(route, Keys.New());
        string otherKey = Keys.New();
        await fixture.Client.GetGrain<IEchoGrain>(otherKey).PlaceAsync(fixture.Silos[2]);
        IEchoGrain other = fixture.Factory(route).GetGrain<IEchoGrain>(otherKey);
        Assert.Equal(other, await grain.GrainAsync(other));
        Assert.Null(await grain.GrainAsync(null));
        Assert.Equal(fixture.Silos[2].SiloAddress, await grain.CallOtherAsync(new Labelled<IEchoGrain>("other", other)));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Argument_OfATypeWithoutSerializer_FailsAtTheCaller(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IEchoGrain>(route, key);
        await Assert.ThrowsAsync<CodecNotFoundException>(() => grain.EchoAsync((Shape)new UnknownShape { Secret = 1 }));
        Assert.Empty(Journal.Of(key).Entries);
    }

    [Fact]
    public async Task OneMebibyte_RoundTrips()
    {
        var grain = await fixture.GrainAsync<IEchoGrain>(Route.OtherSilo, Keys.New());
        byte[] bytes = [.. Enumerable.Range(0, 1 << 20).Select(static i => (byte)(i * 31))];
        Assert.Equal(bytes, (await grain.EchoAsync(new Box { Bytes = bytes }))!.Bytes);
    }
}
