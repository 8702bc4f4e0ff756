using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>What all activations of a silo use.</summary>
internal sealed class ActivationShared(
    IServiceProvider services,
    ApplicationModel application,
    CallBody bodies,
    IEnumerable<IIncomingGrainCallFilter> incomingFilters,
    IOptions<GrainCollectionOptions> collection,
    IOptions<SiloMessagingOptions> messaging,
    TimeProvider time)
{
    private ActivationParts? _parts;

    public IServiceProvider Services => services;

    public ApplicationModel Application => application;

    public CallBody Bodies => bodies;

    public IIncomingGrainCallFilter[] IncomingFilters { get; } = [.. incomingFilters];

    public GrainCollectionOptions Collection => collection.Value;

    public SiloMessagingOptions Messaging => messaging.Value;

    public TimeProvider Time => time;

    public MessageCenter Center => Parts.Center;

    public ActivationParts Parts => _parts ?? throw new InvalidOperationException("The silo has not been started.");

    /// <summary>Breaks the cycle between the parts of a silo.</summary>
    public void Attach(ActivationParts parts) => _parts = parts;

    public bool IsExpired(Message message) => Messaging.DropExpiredMessages && time.GetElapsedTime(message.ReceivedAt) > message.TimeToLive;
}

/// <summary>The parts of the silo that activations talk to.</summary>
internal sealed record ActivationParts(
    MessageCenter Center,
    ActivationCatalog Catalog,
    GrainDirectory Directory,
    GrainPlacement Placement,
    SiloCallRuntime Calls,
    ActivationMigration Migration,
    ILogger Log);
