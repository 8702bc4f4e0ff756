using System.Collections.Immutable;
using System.Net;

namespace Dora.Tests.OrleansConformance.Grains;

/// <summary>Mutable: copied on every call.</summary>
[GenerateSerializer]
[Alias("Dora.Tests.Box")]
public sealed class Box
{
    [Id(0)]
    public string? Label { get; set; }

    [Id(1)]
    public List<string>? Items { get; set; }

    [Id(2)]
    public byte[]? Bytes { get; set; }

    [Id(3)]
    public Dictionary<string, Box>? Inner { get; set; }
}

/// <summary>Says that nobody changes it: the same object is passed on a local call.</summary>
[GenerateSerializer]
[Immutable]
[Alias("Dora.Tests.Sealed")]
public sealed record SealedNote([property: Id(0)] string Text, [property: Id(1)] string[] Lines);

[GenerateSerializer]
[Alias("Dora.Tests.Point")]
public readonly record struct Point([property: Id(0)] int X, [property: Id(1)] int Y);

[GenerateSerializer]
[Alias("Dora.Tests.Required")]
public sealed record RequiredRecord
{
    [Id(0)]
    public required string Name { get; init; }

    [Id(1)]
    public required DateTimeOffset? At { get; init; }
}

public enum Color : byte
{
    None = 0,
    Red = 1,
    Green = 200,
}

[GenerateSerializer]
[Alias("Dora.Tests.Shape")]
public abstract class Shape
{
    [Id(0)]
    public string Name { get; set; } = "";
}

[GenerateSerializer]
[Alias("Dora.Tests.Circle")]
public class Circle : Shape
{
    [Id(0)]
    public double Radius { get; set; }
}

[GenerateSerializer]
[Alias("Dora.Tests.Ring")]
public sealed class HollowCircle : Circle
{
    [Id(0)]
    public double Hole { get; set; }
}

[GenerateSerializer]
[Alias("Dora.Tests.BaseRecord")]
public record BaseRecord([property: Id(0)] string Name);

[GenerateSerializer]
[Alias("Dora.Tests.DerivedRecord")]
public sealed record DerivedRecord(string Name, [property: Id(0)] int Size) : BaseRecord(Name);

/// <summary>A record with type parameters.</summary>
[GenerateSerializer]
[Alias("Dora.Tests.Labelled`1")]
public sealed record Labelled<T>([property: Id(0)] string Label, [property: Id(1)] T Value);

/// <summary>One member per kind of simple value.</summary>
[GenerateSerializer]
[Alias("Dora.Tests.Scalars")]
public sealed record Scalars
{
    [Id(0)]
    public bool Bool { get; init; }

    [Id(1)]
    public byte Byte { get; init; }

    [Id(2)]
    public short Short { get; init; }

    [Id(3)]
    public ushort UShort { get; init; }

    [Id(4)]
    public int Int { get; init; }

    [Id(5)]
    public uint UInt { get; init; }

    [Id(6)]
    public long Long { get; init; }

    [Id(7)]
    public ulong ULong { get; init; }

    [Id(8)]
    public float Float { get; init; }

    [Id(9)]
    public double Double { get; init; }

    [Id(10)]
    public decimal Decimal { get; init; }

    [Id(11)]
    public char Char { get; init; }

    [Id(12)]
    public string? String { get; init; }

    [Id(13)]
    public Guid Guid { get; init; }

    [Id(14)]
    public DateTime DateTime { get; init; }

    [Id(15)]
    public DateTimeOffset DateTimeOffset { get; init; }

    [Id(16)]
    public TimeSpan TimeSpan { get; init; }

    [Id(17)]
    public Color Color { get; init; }

    [Id(18)]
    public int? Some { get; init; }

    [Id(19)]
    public int? None { get; init; }

    [Id(20)]
    public Point Point { get; init; }

    [Id(21)]
    public Point? NoPoint { get; init; }

    [Id(22)]
    public Uri? Uri { get; init; }

    [Id(23)]
    public IPEndPoint? EndPoint { get; init; }

    [Id(24)]
    public GrainId GrainId { get; init; }

    [Id(25)]
    public SiloAddress? Silo { get; init; }

    [Id(26)]
    public (int Number, string Text) Tuple { get; init; }
}

/// <summary>One member per kind of collection.</summary>
[GenerateSerializer]
[Alias("Dora.Tests.Collections")]
public sealed class Collections
{
    [Id(0)]
    public int[]? Array { get; set; }

    [Id(1)]
    public string?[]? Texts { get; set; }

    [Id(2)]
    public byte[][]? Jagged { get; set; }

    [Id(3)]
    public List<Point>? List { get; set; }

    [Id(4)]
    public Dictionary<string, int>? Dictionary { get; set; }

    [Id(5)]
    public HashSet<string>? Set { get; set; }

    [Id(6)]
    public IReadOnlyList<string>? ReadOnlyList { get; set; }

    [Id(7)]
    public ImmutableArray<int> ImmutableArray { get; set; } = [];

    [Id(8)]
    public ImmutableDictionary<string, int>? ImmutableDictionary { get; set; }

    [Id(9)]
    public ReadOnlyMemory<byte> Memory { get; set; }

    [Id(10)]
    public List<Shape?>? Shapes { get; set; }
}

/// <summary>Derived from a serializable type, but not serializable itself.</summary>
public sealed class UnknownShape : Shape
{
    public int Secret { get; init; }
}
