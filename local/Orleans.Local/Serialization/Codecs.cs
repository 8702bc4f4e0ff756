using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Reflection;

namespace Orleans.Serialization;

/// <summary>Every codec of the process, made when first asked for.</summary>
internal static class Codecs
{
    private static readonly ConcurrentDictionary<Type, Codec?> ByType = new(ScalarCodecs.All.Concat(RuntimeCodecs.All).Select(c => KeyValuePair.Create(ValueType(c), (Codec?)c)));

    private static readonly Codec?[] ByTag = MakeByTag();

    // Open generic type -> factory method below that makes the codec for its arguments.
    private static readonly Dictionary<Type, string> Collections = new()
    {
        [typeof(Nullable<>)] = nameof(MakeNullable),
        [typeof(List<>)] = nameof(MakeList),
        [typeof(HashSet<>)] = nameof(MakeHashSet),
        [typeof(Dictionary<,>)] = nameof(MakeDictionary),
        [typeof(ImmutableArray<>)] = nameof(MakeImmutableArray),
        [typeof(ImmutableList<>)] = nameof(MakeImmutableList),
        [typeof(ImmutableHashSet<>)] = nameof(MakeImmutableHashSet),
        [typeof(ImmutableDictionary<,>)] = nameof(MakeImmutableDictionary),
    };

    /// <summary>The codec of exactly <typeparamref name="T"/>, or null where the values decide (interfaces, object, abstract classes).</summary>
    public static Codec<T>? Find<T>() => Cache<T>.Value ??= TryFor(typeof(T)) as Codec<T>;

    public static Codec For(Type type) => TryFor(type) ?? throw Missing(type);

    public static Codec? TryFor(Type type) => ByType.TryGetValue(type, out Codec? known) ? known : ByType.GetOrAdd(type, Make);

    public static Codec ForTag(WireTag tag) =>
        ((int)tag < ByTag.Length ? ByTag[(int)tag] : null) ?? throw GraphReader.Malformed($"has the unknown tag {(int)tag}");

    public static CodecNotFoundException Missing(Type type) =>
        new($"Could not find a codec for type {type}: it has no [GenerateSerializer] and is not one of the types that are serialized without it.");

    /// <summary>True if values of the generic type are read and written without an attribute.</summary>
    public static bool IsBuiltInGeneric(Type definition) => Collections.ContainsKey(definition) || TypePlan.IsBuiltInRecord(definition);

    private static Codec? Make(Type type)
    {
        if (type.IsInterface || type.IsAbstract || type == typeof(object) || type.IsPointer || type.IsByRefLike) return RuntimeCodecs.ForReference(type);
        if (type.IsArray) return type.IsSZArray ? Invoke(nameof(MakeArray), type.GetElementType()!) : null;
        if (type.IsEnum) return Invoke(nameof(MakeEnum), type);
        if (typeof(IPAddress).IsAssignableFrom(type)) return ByType[typeof(IPAddress)];
        if (type.IsGenericType && Collections.TryGetValue(type.GetGenericTypeDefinition(), out string? factory))
            return Invoke(factory, type.GetGenericArguments());
        if (typeof(Exception).IsAssignableFrom(type)) return Invoke(nameof(MakeException), type);
        if (RuntimeCodecs.ForReference(type) is { } reference) return reference;
        return TypePlan.IsPlanned(type) ? Invoke(nameof(MakeRecord), type) : null;
    }

    private static Codec Invoke(string factory, params Type[] arguments)
    {
        MethodInfo method = typeof(Codecs).GetMethod(factory, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(arguments);
        return method.CreateDelegate<Func<Codec>>()();
    }

    private static ArrayCodec<T> MakeArray<T>() => new();

    private static EnumCodec<T> MakeEnum<T>() where T : struct, Enum => new();

    private static NullableCodec<T> MakeNullable<T>() where T : struct => new();

    private static RecordCodec<T> MakeRecord<T>() => new();

    private static ExceptionCodec<T> MakeException<T>() where T : Exception => new();

    private static MutableCodec<List<T>, T> MakeList<T>() => new((count, _) => new(count), (list, item) => list.Add(item));

    private static MutableCodec<HashSet<T>, T> MakeHashSet<T>() => new(
        (count, comparer) => new(count, (IEqualityComparer<T>?)comparer),
        (set, item) => set.Add(item),
        set => set.Comparer);

    private static MutableCodec<Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> MakeDictionary<TKey, TValue>() where TKey : notnull => new(
        (count, comparer) => new(count, (IEqualityComparer<TKey>?)comparer),
        (map, pair) => map.Add(pair.Key, pair.Value),
        map => map.Comparer);

    private static ImmutableArrayCodec<T> MakeImmutableArray<T>() => new();

    private static ImmutableCodec<ImmutableList<T>, T> MakeImmutableList<T>() => new((items, _) => [.. items]);

    private static ImmutableCodec<ImmutableHashSet<T>, T> MakeImmutableHashSet<T>() => new(
        (items, comparer) => ImmutableHashSet.CreateRange((IEqualityComparer<T>?)comparer, items),
        set => set.KeyComparer);

    private static ImmutableCodec<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> MakeImmutableDictionary<TKey, TValue>() where TKey : notnull => new(
        (pairs, comparer) => ImmutableDictionary.CreateRange((IEqualityComparer<TKey>?)comparer, pairs),
        map => map.KeyComparer);

    private static Type ValueType(Codec codec)
    {
        Type type = codec.GetType();
        while (type.BaseType != typeof(Codec)) type = type.BaseType!;
        return type.GetGenericArguments()[0];
    }

    private static Codec?[] MakeByTag()
    {
        var byTag = new Codec?[(int)ScalarCodecs.All.Concat(RuntimeCodecs.All).Max(c => c.Tag) + 1];
        foreach (Codec codec in ScalarCodecs.All.Concat(RuntimeCodecs.All)) byTag[(int)codec.Tag] = codec;
        return byTag;
    }

    private static class Cache<T>
    {
        public static Codec<T>? Value;
    }
}
