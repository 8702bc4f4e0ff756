namespace Orleans.Runtime;

/// <summary>The activation whose turn the current thread executes.</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static IGrainContext? _current;

    public static IGrainContext? Current
    {
        get => _current;
        set => _current = value;
    }
}

/// <summary>What grains may ask of their activation beyond <see cref="IGrainContext"/>.</summary>
internal interface IActivationControl
{
    void DelayDeactivation(TimeSpan time);

    void EnterReentrantSection(Guid chain);

    void ExitReentrantSection(Guid chain);
}

/// <summary>The activation of the current turn.</summary>
internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    public IGrainContext GrainContext => RuntimeContext.Current ?? throw new InvalidOperationException("The code does not run in a grain.");
}
