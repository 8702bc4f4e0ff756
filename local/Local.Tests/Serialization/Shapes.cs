using System.Collections.Immutable;
using System.Net;
using Orleans;
using Orleans.Concurrency;

namespace Local.Tests.Serialization;

public enum Colour : ulong
{
    Red,
    Blue = ulong.MaxValue,
}

[GenerateSerializer, Alias("Shapes.Point")]
public readonly record struct Point([property: Id(0)] int X, [property: Id(1)] double Y);

[GenerateSerializer, Alias("Shapes.Positional")]
public sealed record Positional(string Name, int Size)
{
    [Id(0)]
    public string? Note { get; init; }
}

[GenerateSerializer, Alias("Shapes.Base")]
public abstract class Shape
{
    [Id(0)]
    public string? Label { get; set; }

    [Id(1)]
    private long _secret;

    public long Secret
    {
        get => _secret;
        set => _secret = value;
    }
}

[GenerateSerializer, Alias("Shapes.Circle")]
public sealed class Circle : Shape
{
    [Id(0)]
    public Point Centre { get; init; }

    [Id(1)]
    public readonly double Radius = 1;

    [NonSerialized]
    public int Ignored;

    public Circle()
    {
    }

    public Circle(double radius) => Radius = radius;
}

[GenerateSerializer, Alias("Shapes.Node")]
public sealed class Node
{
    [Id(0)]
    public Node? Parent { get; set; }

    [Id(1)]
    public List<Node> Children { get; } = [];

    [Id(2)]
    public byte[]? Data { get; set; }
}

[GenerateSerializer, Immutable, Alias("Shapes.Frozen")]
public sealed record Frozen([property: Id(0)] byte[] Data);

[GenerateSerializer, Alias("Shapes.Everything")]
public sealed record Everything
{
    [Id(0)] public int? Maybe { get; init; }
    [Id(1)] public string? Text { get; init; }
    [Id(2)] public Guid Guid { get; init; }
    [Id(3)] public DateTime Utc { get; init; }
    [Id(4)] public DateTimeOffset Offset { get; init; }
    [Id(5)] public TimeSpan Span { get; init; }
    [Id(6)] public decimal Money { get; init; }
    [Id(7)] public IPEndPoint? EndPoint { get; init; }
    [Id(8)] public Uri? Uri { get; init; }
    [Id(9)] public Dictionary<string, List<int>>? Map { get; init; }
    [Id(10)] public ImmutableArray<string> Names { get; init; }
    [Id(11)] public ImmutableDictionary<int, string>? Frozen { get; init; }
    [Id(12)] public (int A, string B) Pair { get; init; }
    [Id(13)] public Shape? Shape { get; init; }
    [Id(14)] public object? Any { get; init; }
    [Id(15)] public HashSet<string>? Set { get; init; }
    [Id(16)] public ReadOnlyMemory<byte> Bytes { get; init; }
    [Id(17)] public Immutable<byte[]> Shared { get; init; }
    [Id(18)] public Colour Colour { get; init; }
    [Id(19)] public KeyValuePair<string, float> Entry { get; init; }
    [Id(20)] public IReadOnlyList<Point>? Points { get; init; }
    [Id(21)] public char Letter { get; init; }
    [Id(22)] public ulong Big { get; init; }
    [Id(23)] public IPAddress? Address { get; init; }
}

[GenerateSerializer, Alias("Shapes.OldVersion")]
public sealed class OldVersion
{
    [Id(1)] public string? Kept { get; set; }
}

[GenerateSerializer, Alias("Shapes.NewVersion")]
public sealed class NewVersion
{
    [Id(0)] public Everything? Added { get; set; }
    [Id(1)] public string? Renamed { get; set; }
    [Id(2)] public List<Node>? AlsoAdded { get; set; }
    [Id(3)] public Node? Same { get; set; }
}

[GenerateSerializer, Alias("Shapes.Own")]
public sealed class OwnException : Exception
{
    public OwnException()
    {
    }

    public OwnException(string message, int code) : base(message) => Code = code;

    [Id(0)]
    public int Code { get; private set; }
}

public sealed class BareException(string message) : Exception(message);

[global::Orleans.Runtime.NotInApplication]
[GenerateSerializer, Alias("Shapes.NoId")]
public sealed class NoId
{
    [Id(0)] public int Width { get; set; }

    public int Length { get; set; }
}

[global::Orleans.Runtime.NotInApplication]
[GenerateSerializer]
public sealed class NoAlias
{
    [Id(0)] public Plain? Inner { get; set; }
}

public sealed class Plain
{
    public int Value { get; set; }
}

[global::Orleans.Runtime.NotInApplication]
[GenerateSerializer, Alias("Shapes.Twice")]
public sealed class First;

[global::Orleans.Runtime.NotInApplication]
[GenerateSerializer, Alias("Shapes.Twice")]
public sealed class Second;
