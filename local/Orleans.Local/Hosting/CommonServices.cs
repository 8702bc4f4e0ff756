using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Hosting;

/// <summary>The services that silos and clients have in common.</summary>
internal static class CommonServices
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new Lazy<IGrainReferenceRuntime>(provider.GetRequiredService<IGrainReferenceRuntime>));
        services.TryAddSingleton<IValueCodec, ValueCodec>();
        services.TryAddSingleton(_ => ApplicationModel.OfProcess);
        services.TryAddSingleton<ApplicationCheck>();
        services.TryAddSingleton<GrainTypeResolver>();
        services.TryAddSingleton<CallBody>();
        services.TryAddSingleton<MessageCodec>();
        services.TryAddSingleton<PendingCalls>();
        services.TryAddSingleton<ClusterClient>(provider => new ClusterClient(provider.GetRequiredService<IGrainReferenceRuntime>(), provider.GetRequiredService<GrainTypeResolver>(), provider));
        services.TryAddSingleton<IClusterClient>(provider => provider.GetRequiredService<ClusterClient>());
        services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<ClusterClient>());
    }
}
