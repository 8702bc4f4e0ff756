using System.Reflection;

namespace Orleans.Runtime;

/// <summary>Refuses an application that Orleans would refuse or treat differently. All problems are told at once.</summary>
internal sealed class ApplicationCheck(IValueCodec codec)
{
    private static readonly Lock Gate = new();
    private static ApplicationModel? _passed;

    public void Run(ApplicationModel application)
    {
        lock (Gate)
        {
            if (ReferenceEquals(_passed, application))
                return;
            var problems = Problems(application.Interfaces.Where(model => model.Type.Assembly != typeof(ApplicationCheck).Assembly), application.Types);
            if (problems.Count > 0)
                throw new OrleansConfigurationException($"The application's grains cannot run on Orleans:{Environment.NewLine}- {string.Join(Environment.NewLine + "- ", problems)}");
            _passed = application;
        }
    }

    public IReadOnlyList<string> Problems(IEnumerable<GrainInterfaceModel> interfaces, IEnumerable<Type> types)
    {
        var problems = new List<string>();
        foreach (var model in interfaces)
        {
            if (!model.Type.IsDefined(typeof(AliasAttribute), false))
                problems.Add($"{model.Type.FullName}: the grain interface has no [Alias].");
            foreach (var method in model.Methods.Where(method => method.Method.DeclaringType == model.Type))
                CheckMethod(method, problems);
            foreach (var group in model.Methods.GroupBy(method => method.WireName).Where(group => group.Count() > 1))
                problems.Add($"{model.Type.FullName}: {string.Join(" and ", group.Select(method => method.Method.Name))} have the same wire name \"{group.Key}\": give each its own [Alias].");
        }

        foreach (var type in types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), false) && type.Assembly != typeof(ApplicationCheck).Assembly))
            codec.Check(type, type.FullName!, problems);
        return [.. problems.Distinct()];
    }

    private void CheckMethod(GrainMethodModel method, List<string> problems)
    {
        var name = $"{method.Method.DeclaringType!.FullName}.{method.Method.Name}";
        if (!method.Method.IsDefined(typeof(AliasAttribute), false))
            problems.Add($"{name}: the grain method has no [Alias].");
        if (method.Method.IsSpecialName)
        {
            problems.Add($"{name}: a grain interface has no properties or events.");
            return;
        }

        if (method.Method.IsGenericMethodDefinition)
        {
            problems.Add($"{name}: generic grain methods are not supported here.");
            return;
        }

        if (method.Result is null)
            problems.Add($"{name}: a grain method returns Task, Task<T>, ValueTask or ValueTask<T>, not {method.Method.ReturnType.Name}.");
        else if (method.OneWay && method.Result.ValueType is not null)
            problems.Add($"{name}: a [OneWay] method returns no value.");
        else if (method.Result.ValueType is { } result)
            codec.Check(result, $"{name} (result)", problems);
        foreach (var parameter in method.Method.GetParameters())
            CheckParameter(parameter, method, name, problems);
    }

    private void CheckParameter(ParameterInfo parameter, GrainMethodModel method, string name, List<string> problems)
    {
        if (parameter.ParameterType.IsByRef)
            problems.Add($"{name}: parameter {parameter.Name} is passed by reference.");
        else if (parameter.ParameterType != typeof(CancellationToken))
            codec.Check(parameter.ParameterType, $"{name} (parameter {parameter.Name})", problems);
        else if (method.ParameterTypes.Count(type => type == typeof(CancellationToken)) > 1)
            problems.Add($"{name}: more than one CancellationToken.");
    }
}
