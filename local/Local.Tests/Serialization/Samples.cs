using System.Collections.Immutable;
using System.Net;
using Orleans.Concurrency;

namespace Local.Tests.Serialization;

internal static class Samples
{
    public static Everything Everything(Random random) => new()
    {
        Maybe = random.Next(2) == 0 ? null : random.Next(int.MinValue, int.MaxValue),
        Text = Text(random),
        Guid = new Guid(Bytes(random, 16)),
        Utc = new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc),
        Offset = new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks / 2) + TimeSpan.TicksPerDay, TimeSpan.FromMinutes(random.Next(-600, 600))),
        Span = TimeSpan.FromTicks(random.NextInt64()),
        Money = (decimal)random.NextDouble() * 1_000_000,
        EndPoint = random.Next(2) == 0 ? null : new IPEndPoint(random.Next(2) == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback, random.Next(65536)),
        Uri = new Uri("s3://bucket/" + random.Next()),
        Map = Enumerable.Range(0, random.Next(4)).ToDictionary(i => $"k{i}", i => Enumerable.Range(0, i).ToList()),
        Names = random.Next(3) == 0 ? default : [.. Enumerable.Range(0, random.Next(4)).Select(i => $"n{i}")],
        Frozen = ImmutableDictionary<int, string>.Empty.Add(random.Next(), "v"),
        Pair = (random.Next(), "b"),
        Shape = new Circle(random.NextDouble()) { Label = Text(random), Secret = random.NextInt64() },
        Any = random.Next(3) switch { 0 => null, 1 => new Point(1, random.NextDouble()), _ => new[] { 1L, 2L } },
        Set = [.. Enumerable.Range(0, random.Next(5)).Select(i => $"s{i}")],
        Bytes = Bytes(random, random.Next(20)),
        Shared = new Immutable<byte[]>(Bytes(random, 3)),
        Colour = random.Next(2) == 0 ? Colour.Red : Colour.Blue,
        Entry = KeyValuePair.Create("e", random.NextSingle()),
        Points = new List<Point> { new(random.Next(), 1) },
        Letter = (char)random.Next(char.MaxValue),
        Big = (ulong)random.NextInt64() * 2,
        Address = random.Next(2) == 0 ? IPAddress.Loopback : IPAddress.Parse("fe80::1"),
    };

    public static void AssertEqual(Everything expected, Everything actual)
    {
        foreach (var property in typeof(Everything).GetProperties().Where(p => p.Name is not (nameof(Shape) or nameof(Serialization.Everything.Bytes) or nameof(Serialization.Everything.Shared) or nameof(Serialization.Everything.Names))))
            Assert.Equal(property.GetValue(expected), property.GetValue(actual));
        Assert.Equal(expected.Names.IsDefault, actual.Names.IsDefault);
        if (!expected.Names.IsDefault) Assert.Equal(expected.Names.AsEnumerable(), actual.Names);
        Assert.Equal(expected.Bytes.ToArray(), actual.Bytes.ToArray());
        Assert.Equal(expected.Shared.Value, actual.Shared.Value);
        var (a, b) = ((Circle)expected.Shape!, (Circle)actual.Shape!);
        Assert.Equal((a.Radius, a.Label, a.Secret, a.Centre), (b.Radius, b.Label, b.Secret, b.Centre));
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string? Text(Random random) => random.Next(4) switch
    {
        0 => null,
        1 => "",
        2 => "ünïcode \U0001F600",
        _ => new string('x', random.Next(300)),
    };
}
