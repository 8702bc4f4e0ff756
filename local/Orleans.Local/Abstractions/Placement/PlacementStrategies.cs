namespace Orleans.Runtime;

/// <summary>Names how a grain class is placed; a director of the same strategy decides.</summary>
public abstract class PlacementStrategy
{
    /// <summary>False: activations are local and not registered (stateless workers).</summary>
    public virtual bool IsUsingGrainDirectory => true;
}

/// <summary>Any active silo.</summary>
public sealed class RandomPlacement : PlacementStrategy
{
    internal static RandomPlacement Singleton { get; } = new();
}

/// <summary>The silo chosen by the hash of the grain id.</summary>
public sealed class HashBasedPlacement : PlacementStrategy
{
    internal static HashBasedPlacement Singleton { get; } = new();
}

/// <summary>The calling silo where it can host the grain.</summary>
public sealed class PreferLocalPlacement : PlacementStrategy
{
    internal static PreferLocalPlacement Singleton { get; } = new();
}

/// <summary>Several activations on the calling silo.</summary>
internal sealed class StatelessWorkerPlacement : PlacementStrategy
{
    public StatelessWorkerPlacement()
        : this(-1)
    {
    }

    public StatelessWorkerPlacement(int maxLocal) => MaxLocal = maxLocal > 0 ? maxLocal : Environment.ProcessorCount;

    public override bool IsUsingGrainDirectory => false;

    public int MaxLocal { get; }
}
