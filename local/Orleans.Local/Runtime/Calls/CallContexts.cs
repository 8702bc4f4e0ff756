using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>A call as its filters see it.</summary>
internal sealed class Invokable(GrainInterfaceModel model, GrainMethodModel method, object?[] arguments, object? target) : IInvokable
{
    public int GetArgumentCount() => arguments.Length;

    public object? GetArgument(int index) => arguments[index];

    public void SetArgument(int index, object value) => arguments[index] = value;

    public string GetMethodName() => method.Method.Name;

    public string GetInterfaceName() => model.Type.Name;

    public Type GetInterfaceType() => model.Type;

    public MethodInfo GetMethod() => method.Method;

    public object? GetTarget() => target;

    public CancellationToken GetCancellationToken() => method.CancellationIndex < 0 ? default : (CancellationToken)arguments[method.CancellationIndex]!;

    public TimeSpan? GetDefaultResponseTimeout() => method.Timeout;

    public void Dispose()
    {
        // Nothing is pooled.
    }
}

/// <summary>Runs outgoing filters in order, then the call.</summary>
internal sealed class OutgoingCallContext(IOutgoingGrainCallFilter[] filters, GrainReference reference, GrainMethodModel method, object?[] arguments, IGrainContext? source, Func<Task<object?>> call)
    : IOutgoingGrainCallContext
{
    private int _next;

    public IInvokable Request { get; } = new Invokable(reference.Interface, method, arguments, reference);

    public object Grain => reference;

    public GrainId? SourceId => source?.GrainId;

    public GrainId TargetId => reference.GrainId;

    public GrainInterfaceType InterfaceType => reference.InterfaceType;

    public string InterfaceName => reference.InterfaceName;

    public string MethodName => method.Method.Name;

    public MethodInfo InterfaceMethod => method.Method;

    public object? Result { get; set; }

    public IGrainContext? SourceContext => source;

    public async Task Invoke()
    {
        if (_next < filters.Length)
            await filters[_next++].Invoke(this).ConfigureAwait(true);
        else
            Result = await call().ConfigureAwait(true);
    }
}

/// <summary>Runs incoming filters in order, the grain's own last, then the method.</summary>
internal sealed class IncomingCallContext(IIncomingGrainCallFilter[] filters, IGrainContext target, GrainId sender, GrainInterfaceModel model, GrainMethodModel method, object?[] arguments) : IIncomingGrainCallContext
{
    private int _next;

    public IInvokable Request { get; } = new Invokable(model, method, arguments, target.GrainInstance);

    public object Grain => target.GrainInstance!;

    public GrainId? SourceId => sender.IsDefault ? null : sender;

    public GrainId TargetId => target.GrainId;

    public GrainInterfaceType InterfaceType => model.InterfaceType;

    public string InterfaceName => model.Type.Name;

    public string MethodName => method.Method.Name;

    public MethodInfo InterfaceMethod => method.Method;

    public MethodInfo ImplementationMethod
    {
        get
        {
            var declaring = method.Method.DeclaringType!;
            if (!declaring.IsInstanceOfType(Grain))
                return method.Method;
            var map = Grain.GetType().GetInterfaceMap(declaring);
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, method.Method)];
        }
    }

    public object? Result { get; set; }

    public IGrainContext TargetContext => target;

    public async Task Invoke()
    {
        var index = _next++;
        if (index < filters.Length)
            await filters[index].Invoke(this).ConfigureAwait(true);
        else if (index == filters.Length && Grain is IIncomingGrainCallFilter own)
            await own.Invoke(this).ConfigureAwait(true);
        else
            Result = await method.Result!.AwaitAsync(method.Invoke(method.Method.DeclaringType!.IsInstanceOfType(Grain) ? Grain : target, arguments)).ConfigureAwait(true);
    }
}
