using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Serialization;

/// <summary>
/// Type names on the wire: the [Alias] or the full name; generic as <c>name&lt;argument,argument&gt;</c>, arrays as <c>name[]</c>.
/// Resolving a name never makes a value: <see cref="Codecs"/> decides what may be read.
/// </summary>
internal static class TypeNames
{
    private const int MaxRemembered = 10_000;
    private const int MaxDepth = 16;

    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly ConcurrentDictionary<string, Type> Types = new();
    private static readonly Lock ScanLock = new();
    private static readonly HashSet<Assembly> Scanned = [];
    private static readonly ConcurrentDictionary<string, Type> Aliases = new();

    public static string NameOf(Type type) => Names.GetOrAdd(type, MakeName);

    /// <summary>What is wrong with the type's name, null if nothing is.</summary>
    public static string? Conflict(Type type)
    {
        try
        {
            NameOf(type);
            return null;
        }
        catch (SerializerException e)
        {
            return e.Message;
        }
    }

    /// <summary>The type of a name, null if no loaded assembly has it.</summary>
    public static Type? Resolve(string name)
    {
        if (Types.TryGetValue(name, out Type? known)) return known;
        int position = 0;
        Type? type = Parse(name, ref position, 0);
        if (type is not null && position == name.Length && Types.Count < MaxRemembered) Types.TryAdd(name, type);
        return position == name.Length ? type : null;
    }

    private static string MakeName(Type type)
    {
        if (type.IsArray) return NameOf(type.GetElementType()!) + "[]";
        if (type.IsConstructedGenericType)
            return $"{NameOf(type.GetGenericTypeDefinition())}<{string.Join(',', type.GetGenericArguments().Select(NameOf))}>";
        string name = AliasesOf(type).FirstOrDefault() ?? type.FullName!;
        Scan();
        if (Aliases.TryGetValue(name, out Type? owner) && owner != type)
            throw new SerializerException($"{type}: the name '{name}' is the alias of {owner}.");
        return name.AsSpan().IndexOfAny("<>[],") < 0 ? name : throw new SerializerException($"{type}: the alias '{name}' must not hold any of < > [ ] and the comma.");
    }

    private static Type? Parse(string name, ref int position, int depth)
    {
        if (depth > MaxDepth) return null;
        int length = name.AsSpan(position).IndexOfAny("<>[],");
        string simple = length < 0 ? name[position..] : name.Substring(position, length);
        position += simple.Length;
        Type? type = Lookup(simple);
        if (position < name.Length && name[position] == '<')
        {
            var arguments = new List<Type?>();
            do
            {
                position++;
                arguments.Add(Parse(name, ref position, depth + 1));
            }
            while (position < name.Length && name[position] == ',');
            if (position >= name.Length || name[position++] != '>') return null;
            type = type is { IsGenericTypeDefinition: true } && type.GetGenericArguments().Length == arguments.Count && !arguments.Contains(null)
                ? type.MakeGenericType([.. arguments!])
                : null;
        }

        for (; string.CompareOrdinal(name, position, "[]", 0, 2) == 0; position += 2) type = type?.MakeArrayType();
        return type;
    }

    private static Type? Lookup(string name)
    {
        if (Aliases.TryGetValue(name, out Type? type)) return type;
        Scan();
        if (Aliases.TryGetValue(name, out type)) return type;
        return AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic).Select(a => a.GetType(name)).FirstOrDefault(t => t is not null);
    }

    // Interfaces have aliases too, but those name grains, not values.
    private static IEnumerable<string> AliasesOf(Type type) => type.IsInterface ? [] : type.GetCustomAttributes<AliasAttribute>(false).Select(a => a.Alias);

    private static bool UsesThisLibrary(Assembly assembly)
    {
        Assembly self = typeof(TypeNames).Assembly;
        return assembly == self || assembly.GetReferencedAssemblies().Any(r => r.Name == self.GetName().Name);
    }

    /// <summary>Learns the aliases of the loaded assemblies that use this library.</summary>
    private static void Scan()
    {
        lock (ScanLock)
        {
            foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
            {
                if (assembly.IsDynamic || !Scanned.Add(assembly) || !UsesThisLibrary(assembly)) continue;
                foreach (Type type in assembly.GetTypes())
                {
                    // The first owner of an alias keeps it; using the second one throws.
                    foreach (string alias in AliasesOf(type)) Aliases.TryAdd(alias, type);
                }
            }
        }
    }
}
