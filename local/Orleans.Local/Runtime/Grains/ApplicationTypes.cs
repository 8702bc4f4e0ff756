using System.Reflection;

namespace Orleans.Runtime;

/// <summary>Finds the types of the application: those of every loaded or referenced assembly that refers to this one.</summary>
internal static class ApplicationTypes
{
    private static readonly string[] FrameworkPrefixes = ["System", "Microsoft", "netstandard", "mscorlib", "xunit", "WindowsBase"];
    private static readonly string OwnName = typeof(ApplicationTypes).Assembly.GetName().Name!;

    public static IReadOnlyList<Type> Find()
    {
        var seen = new Dictionary<string, Assembly>();
        var queue = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic && IsApplication(assembly.GetName())));
        if (Assembly.GetEntryAssembly() is { } entry)
            queue.Enqueue(entry);
        while (queue.TryDequeue(out var assembly))
        {
            if (!seen.TryAdd(assembly.GetName().Name!, assembly))
                continue;
            foreach (var reference in assembly.GetReferencedAssemblies().Where(name => IsApplication(name) && !seen.ContainsKey(name.Name!)))
                queue.Enqueue(Assembly.Load(reference));
        }

        return [.. seen.Values.Where(RefersToOrleans).SelectMany(LoadableTypes).Where(type => !IsExcluded(type))];
    }

    private static bool IsApplication(AssemblyName name) => !Array.Exists(FrameworkPrefixes, prefix => name.Name!.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static bool RefersToOrleans(Assembly assembly) =>
        assembly.GetName().Name == OwnName || assembly.GetReferencedAssemblies().Any(name => name.Name == OwnName);

    private static IEnumerable<Type> LoadableTypes(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            // A type whose own dependencies are absent cannot be a grain of this process.
            return exception.Types.OfType<Type>();
        }
    }

    private static bool IsExcluded(Type type)
    {
        for (var each = type; each is not null; each = each.DeclaringType)
        {
            if (each.IsDefined(typeof(NotInApplicationAttribute), false))
                return true;
        }

        return false;
    }
}

/// <summary>Keeps a type, and the types in it, out of the application. For tests of the strictness checks.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct | AttributeTargets.Enum)]
internal sealed class NotInApplicationAttribute : Attribute;
