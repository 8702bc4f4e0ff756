using System.Reflection;
using System.Runtime.CompilerServices;
using Dora.Client;
using Dora.Tests.Architecture;

namespace Dora.Tests.Client;

/// <summary>What users compile against changes only on purpose: the public surface of Dora.Client is the text file beside this test.</summary>
public sealed class PublicApiTests
{
    private const string Frozen = "Dora.Tests/Client/PublicApi.txt";

    [Fact]
    public void PublicSurface_IsTheFrozenOne()
    {
        string actual = string.Concat(typeof(DoraClient).Assembly.GetExportedTypes().Where(static t => t.Namespace == "Dora.Client").SelectMany(Lines).Order(StringComparer.Ordinal).Select(static l => l + "\n"));
        string file = Path.Combine(AppContext.BaseDirectory, "PublicApi.actual.txt");
        File.WriteAllText(file, actual);

        string frozen = File.Exists(Path.Combine(Repository.Root, Frozen)) ? Repository.Read(Frozen) : string.Empty;
        string[] changes =
        [
            .. frozen.Split('\n').Except(actual.Split('\n')).Select(static l => "- " + l),
            .. actual.Split('\n').Except(frozen.Split('\n')).Select(static l => "+ " + l),
        ];
        Assert.True(
            changes.Length == 0,
            $"The public surface of Dora.Client changed:\n{string.Join('\n', changes)}\nA removal or a changed line breaks users. If it is meant: cp {file} {Frozen}, and say it in the commit.");
    }

    private static IEnumerable<string> Lines(Type type)
    {
        string bases = string.Join(", ", type.GetInterfaces().Where(static i => !i.IsGenericType).Select(Name).Order(StringComparer.Ordinal));
        yield return $"{Name(type)} : {bases}";
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (MemberInfo member in type.GetMembers(Own).Where(static m => !m.IsDefined(typeof(CompilerGeneratedAttribute))))
        {
            string? line = member switch
            {
                MethodInfo { IsSpecialName: true } => null,
                MethodInfo m => $"{m.Name}({Parameters(m)}) -> {Name(m.ReturnType)}",
                ConstructorInfo c => $"new({Parameters(c)})",
                PropertyInfo p => $"{p.Name} {{ {(p.CanRead ? "get; " : "")}{(p.SetMethod is { IsPublic: true } ? "set/init; " : "")}}} -> {Name(p.PropertyType)}",
                FieldInfo f => $"{f.Name} -> {Name(f.FieldType)}",
                _ => member.ToString(),
            };
            if (line is not null)
            {
                yield return $"{Name(type)}.{line}";
            }
        }
    }

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(static p => $"{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "default"}" : "")}"));

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
