namespace Orleans.Runtime;

/// <summary>Keys and interfaces to references.</summary>
internal abstract class GrainFactory(IGrainReferenceRuntime runtime, GrainTypeResolver types) : IGrainFactory
{
    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => Get<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => Get<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Get<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => (TGrainInterface)runtime.CreateReference(grainId, typeof(TGrainInterface));

    public IAddressable GetGrain(GrainId grainId) => (IAddressable)runtime.CreateReference(grainId, typeof(IAddressable));

    private TGrainInterface Get<TGrainInterface>(IdSpan key, string? classNamePrefix) =>
        (TGrainInterface)runtime.CreateReference(GrainId.Create(types.Resolve(typeof(TGrainInterface), classNamePrefix), key), typeof(TGrainInterface));
}

/// <summary>The door to the cluster: a silo's own, or an external client's.</summary>
internal sealed class ClusterClient(IGrainReferenceRuntime runtime, GrainTypeResolver types, IServiceProvider services) : GrainFactory(runtime, types), IClusterClient
{
    public IServiceProvider ServiceProvider => services;
}
