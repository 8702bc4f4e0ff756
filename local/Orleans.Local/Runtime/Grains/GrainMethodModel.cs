using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>A method of a grain interface, with everything a call needs to know of it.</summary>
internal sealed class GrainMethodModel
{
    private readonly MethodInvoker _invoker;

    public GrainMethodModel(MethodInfo method)
    {
        Method = method;
        WireName = WireNames.Of(method);
        _invoker = MethodInvoker.Create(method);
        var parameters = method.GetParameters();
        ParameterTypes = [.. parameters.Select(parameter => parameter.ParameterType)];
        ImmutableParameters = [.. parameters.Select(parameter => parameter.IsDefined(typeof(ImmutableAttribute), false))];
        CancellationIndex = Array.IndexOf(ParameterTypes, typeof(CancellationToken));
        Result = ResultAdapter.For(method.ReturnType);
        ImmutableResult = method.ReturnParameter.IsDefined(typeof(ImmutableAttribute), false);
        OneWay = method.IsDefined(typeof(OneWayAttribute));
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        Timeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
    }

    public MethodInfo Method { get; }

    public string WireName { get; }

    public Type[] ParameterTypes { get; }

    public bool[] ImmutableParameters { get; }

    /// <summary>The position of the <see cref="CancellationToken"/>, or -1.</summary>
    public int CancellationIndex { get; }

    /// <summary>How its return type is awaited and made; null when it is none that a grain method may have.</summary>
    public ResultAdapter? Result { get; }

    public bool ImmutableResult { get; }

    public bool OneWay { get; }

    public bool ReadOnly { get; }

    public bool AlwaysInterleave { get; }

    public TimeSpan? Timeout { get; }

    public object? Invoke(object target, object?[] arguments) => _invoker.Invoke(target, arguments.AsSpan());
}
