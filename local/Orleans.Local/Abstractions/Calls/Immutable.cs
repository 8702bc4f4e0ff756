namespace Orleans.Concurrency;

/// <summary>A value that is passed by reference inside a silo.</summary>
[GenerateSerializer, Immutable]
[Alias("Orleans.Concurrency.Immutable`1")]
public readonly struct Immutable<T>
{
    [Id(0)]
    public readonly T Value;

    public Immutable(T value) => Value = value;
}

/// <summary>Wraps values in <see cref="Immutable{T}"/>.</summary>
public static class ImmutableExtensions
{
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
