using System.Collections.Concurrent;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Dora.Tests.OrleansConformance.Grains;

/// <summary>Puts each key on the silo that a hash of its bytes chooses, as a ring does, and notes every question.</summary>
[Serializable]
public sealed class RecordedPlacement : PlacementStrategy
{
    internal static readonly RecordedPlacement Singleton = new();
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class RecordedPlacementAttribute() : PlacementAttribute(RecordedPlacement.Singleton);

/// <summary>What a director was asked.</summary>
internal sealed record PlacementQuestion(GrainId Grain, SiloAddress LocalSilo, SiloStatus LocalStatus, SiloAddress[] Compatible, string? Note);

internal sealed class RecordedPlacementDirector(SiloStamp stamp) : IPlacementDirector
{
    /// <summary>The key of a grain that cannot be placed starts so.</summary>
    internal const string Fails = "nowhere";

    private static readonly ConcurrentQueue<PlacementQuestion> AllQuestions = new();

    internal static PlacementQuestion[] Questions(IAddressable grain) => [.. AllQuestions.Where(q => q.Grain == grain.GetGrainId())];

    internal static SiloAddress Choose(string key, IEnumerable<SiloAddress> silos)
    {
        SiloAddress[] sorted = [.. silos.Order()];
        uint hash = 2166136261;
        foreach (byte b in GrainId.Create("any", key).Key.AsSpan())
            hash = (hash ^ b) * 16777619;
        return sorted[hash % sorted.Length];
    }

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        Assert.IsType<RecordedPlacement>(strategy);
        Assert.Equal(stamp.Silo, context.LocalSilo);
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        string? note = null;
        if (target.RequestContextData is { } data && data.TryGetValue("note", out object? value))
            note = (string)value;
        AllQuestions.Enqueue(new PlacementQuestion(target.GrainIdentity, context.LocalSilo, context.LocalSiloStatus, silos, note));
        string key = target.GrainIdentity.Key.ToString()!;
        if (key.StartsWith(Fails, StringComparison.Ordinal))
            throw new InvalidOperationException("No place for this grain.");
        SiloAddress? hint = IPlacementDirector.GetPlacementHint(target.RequestContextData!, silos);
        return Task.FromResult(hint ?? Choose(key, silos));
    }
}

[Alias("Dora.Tests.IPlacedGrain")]
public interface IPlacedGrain : IConformanceGrain;

[RecordedPlacement]
internal sealed class PlacedGrain : ConformanceGrain, IPlacedGrain;

/// <summary>Placed by the cluster's own default.</summary>
[Alias("Dora.Tests.IPlainGrain")]
public interface IPlainGrain : IConformanceGrain;

internal sealed class PlainGrain : ConformanceGrain, IPlainGrain;

[Alias("Dora.Tests.ILocalWorkerGrain")]
public interface ILocalWorkerGrain : IConformanceGrain
{
    /// <summary>Passes the gate and returns the instance that did it.</summary>
    [Alias("Work")]
    Task<int> WorkAsync();
}

/// <summary>At most two per silo, always on the silo of the caller.</summary>
[StatelessWorker(2)]
internal sealed class LocalWorkerGrain : ConformanceGrain, ILocalWorkerGrain
{
    public async Task<int> WorkAsync()
    {
        await Gate.PassAsync();
        return Instance;
    }
}

[Alias("Dora.Tests.ISingleWorkerGrain")]
public interface ISingleWorkerGrain : IGrainWithIntegerKey
{
    [Alias("Work")]
    Task<int> WorkAsync(string gate);

    [Alias("Where")]
    Task<SiloAddress> WhereAsync();
}

/// <summary>One per silo that takes many calls at once: what a cluster view is.</summary>
[StatelessWorker(1)]
[Reentrant]
internal sealed class SingleWorkerGrain : Grain, ISingleWorkerGrain
{
    private static int _instances;
    private readonly int _instance = Interlocked.Increment(ref _instances);

    public async Task<int> WorkAsync(string gate)
    {
        await Gate.Of(gate).PassAsync();
        return _instance;
    }

    public Task<SiloAddress> WhereAsync() => Task.FromResult(GrainContext.Address.SiloAddress!);
}
