using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>One member that is written under its id.</summary>
internal sealed record PlannedMember(uint Id, MemberInfo Member, Type Type, bool IsImmutable);

/// <summary>
/// Which members of a type are written, per inheritance level (ids are unique within a level), and what is wrong with its attributes.
/// A record's primary constructor parameters without [Id] form a level of their own with their positions as ids.
/// </summary>
internal sealed class TypePlan
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly HashSet<Type> BuiltInRecords =
    [
        typeof(KeyValuePair<,>),
        typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>),
        typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>),
        typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>), typeof(Tuple<,,,,,,>), typeof(Tuple<,,,,,,,>),
    ];

    private readonly List<string> _problems = [];

    private TypePlan()
    {
    }

    public List<IReadOnlyList<PlannedMember>> Levels { get; } = [];

    public IReadOnlyList<string> Problems => _problems;

    public static bool IsBuiltInRecord(Type definition) => BuiltInRecords.Contains(definition);

    /// <summary>True if values of <paramref name="type"/> are written member by member.</summary>
    public static bool IsPlanned(Type type) =>
        type.IsDefined(typeof(GenerateSerializerAttribute), false) || (type.IsGenericType && IsBuiltInRecord(type.GetGenericTypeDefinition()));

    public static bool IsImmutableType(Type type) => type.IsDefined(typeof(ImmutableAttribute), false);

    public static TypePlan Of(Type type)
    {
        var plan = new TypePlan();
        if (type.IsGenericType && IsBuiltInRecord(type.GetGenericTypeDefinition()))
        {
            plan.Levels.Add([.. type.GetFields(Declared).Select((f, i) => new PlannedMember((uint)i, f, f.FieldType, false))]);
            return plan;
        }

        var chain = new Stack<Type>();
        for (Type? t = type; t is not null && t != typeof(object) && t != typeof(ValueType) && !IsFrameworkException(t); t = t.BaseType) chain.Push(t);
        foreach (Type level in chain) plan.AddLevels(level);
        return plan;
    }

    /// <exception cref="CodecNotFoundException">An attribute is missing.</exception>
    public TypePlan ThrowIfIncomplete() => _problems.Count == 0 ? this : throw new CodecNotFoundException(string.Join(Environment.NewLine, _problems));

    private void AddLevels(Type type)
    {
        FieldInfo[] fields = type.GetFields(Declared);
        if (!type.IsDefined(typeof(GenerateSerializerAttribute), false))
        {
            if (fields.Length > 0) _problems.Add($"{type}: has no [GenerateSerializer].");
            return;
        }

        string[] parameters = PrimaryConstructorParameters(type);
        var own = new List<PlannedMember>();
        var positional = new List<PlannedMember>();
        foreach (FieldInfo field in fields)
        {
            if (field.IsDefined(typeof(NonSerializedAttribute))) continue;
            PropertyInfo? property = PropertyOf(type, field);
            MemberInfo named = (MemberInfo?)property ?? field;
            bool immutable = named.IsDefined(typeof(ImmutableAttribute));
            int position = Array.IndexOf(parameters, named.Name);
            if (named.GetCustomAttribute<IdAttribute>() is { } id)
                own.Add(new(id.Id, field, field.FieldType, immutable));
            else if (position >= 0)
                positional.Add(new((uint)position, field, field.FieldType, immutable));
            else
                _problems.Add($"{type}: {(property is null ? "field" : "property")} {named.Name} has no [Id(n)] (or [NonSerialized]).");
        }

        own.AddRange(ComputedProperties(type, fields));
        foreach (IGrouping<uint, PlannedMember> same in own.GroupBy(m => m.Id).Where(g => g.Count() > 1))
            _problems.Add($"{type}: [Id({same.Key})] is used by more than one member: {string.Join(", ", same.Select(m => m.Member.Name))}.");
        Levels.Add([.. positional.OrderBy(m => m.Id)]);
        Levels.Add([.. own.OrderBy(m => m.Id)]);
    }

    /// <summary>Properties with [Id] that have no storage of their own are written through their accessors.</summary>
    private List<PlannedMember> ComputedProperties(Type type, FieldInfo[] fields)
    {
        var found = new List<PlannedMember>();
        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            if (property.GetCustomAttribute<IdAttribute>() is not { } id || fields.Any(f => f.Name == BackingField(property.Name))) continue;
            if (property.GetMethod is null || property.SetMethod is null)
                _problems.Add($"{type}: property {property.Name} has an [Id({id.Id})] but cannot be both read and set.");
            else
                found.Add(new(id.Id, property, property.PropertyType, property.IsDefined(typeof(ImmutableAttribute))));
        }

        return found;
    }

    // The levels below are written by the codec of exceptions.
    private static bool IsFrameworkException(Type type) =>
        typeof(Exception).IsAssignableFrom(type) && !type.IsDefined(typeof(GenerateSerializerAttribute), false) && type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true;

    private static PropertyInfo? PropertyOf(Type type, FieldInfo field) =>
        field.Name.StartsWith('<') && field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal)
            ? type.GetProperty(field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)], Declared)
            : null;

    private static string BackingField(string property) => $"<{property}>k__BackingField";

    // A positional record has a compiler-made Deconstruct whose out parameters are those of its primary constructor.
    private static string[] PrimaryConstructorParameters(Type type)
    {
        bool isRecord = type.GetMethods(Declared).Any(m => m.Name == "PrintMembers" && m.IsDefined(typeof(CompilerGeneratedAttribute)));
        MethodInfo? deconstruct = isRecord
            ? type.GetMethods(Declared).FirstOrDefault(m => m.Name == "Deconstruct" && m.IsDefined(typeof(CompilerGeneratedAttribute)))
            : null;
        return deconstruct is null ? [] : [.. deconstruct.GetParameters().Select(p => p.Name!)];
    }
}
