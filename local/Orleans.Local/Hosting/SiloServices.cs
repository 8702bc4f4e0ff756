using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Runtime.Membership;
using Orleans.Runtime.Networking;
using Orleans.Timers;

namespace Orleans.Hosting;

/// <summary>The services of a silo.</summary>
internal static class SiloServices
{
    public static void AddTo(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(SiloLifecycle)))
            return;
        CommonServices.AddTo(services);
        AddCluster(services);
        AddMessaging(services);
        AddActivations(services);
        services.AddSingleton<SiloLifecycle>();
        services.AddSingleton<ISiloLifecycle>(provider => provider.GetRequiredService<SiloLifecycle>());
        AddParticipant<SiloStages>(services);
        AddParticipant<ActivationCollector>(services);
        AddParticipant<ManagementCalls>(services);
        AddParticipant<FailureDetector>(services);
        AddParticipant<TableUpkeep>(services);
        services.AddHostedService<SiloHost>();
    }

    public static void AddParticipant<T>(IServiceCollection services)
        where T : class, ILifecycleParticipant<ISiloLifecycle>
    {
        services.TryAddSingleton<T>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<T>());
    }

    private static void AddCluster(IServiceCollection services)
    {
        services.AddSingleton<ILocalSiloDetails, LocalSilo>();
        services.AddSingleton<IFatalErrorHandler, FailFastHandler>();
        services.AddSingleton<MembershipOracle>();
        services.AddSingleton<IMembershipOracle>(provider => provider.GetRequiredService<MembershipOracle>());
        services.AddSingleton<IClusterMembershipService>(provider => provider.GetRequiredService<MembershipOracle>());
        services.AddSingleton<ClusterManifestProvider>();
        services.AddSingleton<IClusterManifestProvider>(provider => provider.GetRequiredService<ClusterManifestProvider>());
        services.AddSingleton<ClusterView>();
    }

    private static void AddMessaging(IServiceCollection services)
    {
        services.AddSingleton<Connector>();
        services.AddSingleton<IGrainMessageTransport, TcpTransport>();
        services.AddSingleton<SystemCalls>();
        services.AddSingleton<ISystemCalls>(provider => provider.GetRequiredService<SystemCalls>());
        services.AddSingleton<SiloCore>();
        services.AddSingleton<MessageCenter>();
        services.AddSingleton<SiloCallRuntime>();
        services.AddSingleton<IGrainReferenceRuntime>(provider => provider.GetRequiredService<SiloCallRuntime>());
    }

    private static void AddActivations(IServiceCollection services)
    {
        services.AddSingleton<ActivationShared>();
        services.AddSingleton<ActivationCatalog>();
        services.AddSingleton<ActivationMigration>();
        services.AddSingleton<GrainDirectory>();
        services.AddSingleton<GrainLocator>();
        services.AddSingleton<GrainPlacement>();
        services.AddSingleton<ITimerRegistry, TimerRegistry>();
        services.AddScoped<IGrainContext>(_ => RuntimeContext.Current ?? throw new InvalidOperationException("No grain is being activated."));
        services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
        services.AddPlacementDirector<RandomPlacement, RandomPlacementDirector>();
        services.AddPlacementDirector<HashBasedPlacement, HashBasedPlacementDirector>();
        services.AddPlacementDirector<PreferLocalPlacement, PreferLocalPlacementDirector>();
        services.AddSingleton(provider => new ActivationParts(
            provider.GetRequiredService<MessageCenter>(),
            provider.GetRequiredService<ActivationCatalog>(),
            provider.GetRequiredService<GrainDirectory>(),
            provider.GetRequiredService<GrainPlacement>(),
            provider.GetRequiredService<SiloCallRuntime>(),
            provider.GetRequiredService<ActivationMigration>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Orleans.Grain")));
    }
}
