namespace Orleans.Serialization;

/// <summary>Says at start what a type in a grain signature lacks, instead of failing at the first call.</summary>
internal static class SignatureValidator
{
    /// <summary>Every problem of <paramref name="type"/> and of the types of its members; empty if it can cross.</summary>
    public static IReadOnlyList<string> Problems(Type type, string where)
    {
        var problems = new List<string>();
        Visit(type, [], problems, where);
        return problems;
    }

    private static void Visit(Type type, HashSet<Type> seen, List<string> problems, string usedBy)
    {
        if (type.IsGenericParameter || type == typeof(CancellationToken) || !seen.Add(type)) return;
        if (type.IsArray)
        {
            if (!type.IsSZArray) problems.Add($"{usedBy}: {type} is an array of more than one dimension.");
            Visit(type.GetElementType()!, seen, problems, usedBy);
            return;
        }

        if (type.IsByRef || type.IsPointer || type.IsByRefLike || typeof(Delegate).IsAssignableFrom(type) || typeof(Task).IsAssignableFrom(type))
        {
            problems.Add($"{usedBy}: {type} cannot be serialized.");
            return;
        }

        foreach (Type argument in type.IsGenericType ? type.GetGenericArguments() : []) Visit(argument, seen, problems, usedBy);
        // The values decide for these: they are checked when they are sent.
        if (type.IsInterface || type == typeof(object) || type.IsEnum) return;
        if (TypePlan.IsPlanned(type))
            VisitMembers(type, seen, problems);
        else if (!IsBuiltIn(type))
            problems.Add($"{usedBy}: its type {type} has no [GenerateSerializer].");
    }

    private static void VisitMembers(Type type, HashSet<Type> seen, List<string> problems)
    {
        TypePlan plan = TypePlan.Of(type);
        problems.AddRange(plan.Problems.Where(p => !problems.Contains(p)));
        if (!IsBuiltIn(type) && !type.IsDefined(typeof(AliasAttribute), false))
            problems.Add($"{type}: has no [Alias(\"...\")], so it could not be renamed.");
        if (TypeNames.Conflict(type) is { } conflict) problems.Add(conflict);
        if (typeof(Exception).IsAssignableFrom(type) && !type.IsAbstract && type.GetConstructor([]) is null)
            problems.Add($"{type}: an exception needs a public parameterless constructor to be serialized.");
        foreach (PlannedMember member in plan.Levels.SelectMany(l => l)) Visit(member.Type, seen, problems, $"{type}.{DisplayName(member)}");
    }

    private static string DisplayName(PlannedMember member) =>
        member.Member.Name.StartsWith('<') ? member.Member.Name[1..member.Member.Name.IndexOf('>', StringComparison.Ordinal)] : member.Member.Name;

    private static bool IsBuiltIn(Type type) =>
        type.IsGenericType ? Codecs.IsBuiltInGeneric(type.GetGenericTypeDefinition()) || type == typeof(ReadOnlyMemory<byte>)
        : typeof(Exception).IsAssignableFrom(type) ? !type.IsDefined(typeof(GenerateSerializerAttribute), false)
        : !type.IsDefined(typeof(GenerateSerializerAttribute), false) && Codecs.TryFor(type) is not null;
}
