using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Orleans.Serialization;

/// <summary>A mutable collection: made empty, made known (so that cycles resolve), then filled.</summary>
internal sealed class MutableCodec<TCollection, TElement>(
    Func<int, object?, TCollection> create, Action<TCollection, TElement> add, Func<TCollection, object>? comparerOf = null) : Codec<TCollection>(WireTag.Sequence)
    where TCollection : class, IReadOnlyCollection<TElement>
{
    public override bool IsImmutable => false;

    public override void WriteBody(GraphWriter writer, TCollection value)
    {
        writer.WriteVarUInt(comparerOf is null ? 0 : Comparers.NumberOf<TCollection>(comparerOf(value)));
        writer.WriteVarUInt((uint)value.Count);
        foreach (TElement element in value) writer.Write(element);
    }

    public override TCollection ReadBody(GraphReader reader)
    {
        int slot = reader.Reserve();
        object? comparer = Comparers.ByNumber(reader.ReadVarUInt());
        int count = reader.ReadCount();
        TCollection made = create(count, comparer);
        reader.Set(slot, made);
        for (; count > 0; count--) add(made, reader.Read<TElement>());
        return made;
    }

    public override TCollection Copy(TCollection value, CopyContext context)
    {
        TCollection made = create(value.Count, comparerOf?.Invoke(value));
        context.Record(value, made);
        foreach (TElement element in value) add(made, context.Copy(element));
        return made;
    }
}

internal sealed class ArrayCodec<T>() : Codec<T[]>(WireTag.Sequence)
{
    public override bool IsImmutable => false;

    public override void WriteBody(GraphWriter writer, T[] value)
    {
        writer.WriteVarUInt(0);
        writer.WriteVarUInt((uint)value.Length);
        foreach (T element in value) writer.Write(element);
    }

    public override T[] ReadBody(GraphReader reader)
    {
        int slot = reader.Reserve();
        reader.ReadVarUInt();
        var made = new T[reader.ReadCount()];
        reader.Set(slot, made);
        for (int i = 0; i < made.Length; i++) made[i] = reader.Read<T>();
        return made;
    }

    public override T[] Copy(T[] value, CopyContext context)
    {
        var made = (T[])value.Clone();
        context.Record(value, made);
        if (typeof(T).IsValueType && Codecs.Find<T>() is { IsImmutable: true }) return made;
        for (int i = 0; i < made.Length; i++) made[i] = context.Copy(made[i]);
        return made;
    }
}

/// <summary>A collection that is built in one go from its elements.</summary>
internal sealed class ImmutableCodec<TCollection, TElement>(Func<TElement[], object?, TCollection> build, Func<TCollection, object>? comparerOf = null)
    : Codec<TCollection>(typeof(TCollection).IsValueType ? WireTag.StructSequence : WireTag.Sequence)
    where TCollection : IReadOnlyCollection<TElement>
{
    // Asked late: an element type may hold this collection type.
    public override bool IsImmutable => (typeof(TElement).IsValueType || typeof(TElement).IsSealed) && Codecs.Find<TElement>() is { IsImmutable: true };

    public override void WriteBody(GraphWriter writer, TCollection value)
    {
        writer.WriteVarUInt(comparerOf is null ? 0 : Comparers.NumberOf<TCollection>(comparerOf(value)));
        writer.WriteVarUInt((uint)value.Count);
        foreach (TElement element in value) writer.Write(element);
    }

    public override TCollection ReadBody(GraphReader reader)
    {
        int slot = typeof(TCollection).IsValueType ? -1 : reader.Reserve();
        object? comparer = Comparers.ByNumber(reader.ReadVarUInt());
        var elements = new TElement[reader.ReadCount()];
        for (int i = 0; i < elements.Length; i++) elements[i] = reader.Read<TElement>();
        TCollection made = build(elements, comparer);
        if (slot >= 0) reader.Set(slot, made);
        return made;
    }

    public override TCollection Copy(TCollection value, CopyContext context)
    {
        if (IsImmutable || value is null) return value!;
        TCollection made = build([.. value.Select(context.Copy)], comparerOf?.Invoke(value));
        if (!typeof(TCollection).IsValueType) context.Record(value, made);
        return made;
    }
}

/// <summary>An <see cref="ImmutableArray{T}"/>, which may be default: written as null.</summary>
internal sealed class ImmutableArrayCodec<T>() : Codec<ImmutableArray<T>>(WireTag.StructSequence)
{
    private readonly ArrayCodec<T> _array = new();

    public override bool IsImmutable => (typeof(T).IsValueType || typeof(T).IsSealed) && Codecs.Find<T>() is { IsImmutable: true };

    public override void WriteBody(GraphWriter writer, ImmutableArray<T> value)
    {
        // Flag 1 is "default": such an array has no length.
        writer.WriteVarUInt(value.IsDefault ? 1u : 0u);
        writer.WriteVarUInt(value.IsDefault ? 0 : (uint)value.Length);
        if (value.IsDefault) return;
        foreach (T element in value) writer.Write(element);
    }

    public override ImmutableArray<T> ReadBody(GraphReader reader)
    {
        bool isDefault = reader.ReadVarUInt() == 1;
        var elements = new T[reader.ReadCount()];
        for (int i = 0; i < elements.Length; i++) elements[i] = reader.Read<T>();
        return isDefault ? default : ImmutableCollectionsMarshal.AsImmutableArray(elements);
    }

    public override ImmutableArray<T> Copy(ImmutableArray<T> value, CopyContext context) => IsImmutable || value.IsDefault
        ? value
        : ImmutableCollectionsMarshal.AsImmutableArray(_array.Copy(ImmutableCollectionsMarshal.AsArray(value)!, context));
}

/// <summary>The comparers that can cross: the default one and the two ordinal ones of strings.</summary>
internal static class Comparers
{
    public static uint NumberOf<TCollection>(object comparer) =>
        ReferenceEquals(comparer, StringComparer.OrdinalIgnoreCase) ? 2u
        : ReferenceEquals(comparer, StringComparer.Ordinal) ? 1u
        : comparer.GetType().Assembly == typeof(object).Assembly && comparer.GetType().Name.Contains("EqualityComparer", StringComparison.Ordinal) ? 0u
        : throw new CodecNotFoundException($"{typeof(TCollection)} uses the comparer {comparer.GetType()}, which cannot be serialized.");

    public static object? ByNumber(ulong number) => number switch
    {
        0 => null,
        1 => StringComparer.Ordinal,
        2 => StringComparer.OrdinalIgnoreCase,
        _ => throw GraphReader.Malformed($"has the unknown comparer {number}"),
    };
}
