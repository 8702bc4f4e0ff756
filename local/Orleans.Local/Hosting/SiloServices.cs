using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;
using Orleans.Runtime.Membership;
using Orleans.Runtime.Networking;
using Orleans.Serialization;

namespace Orleans.Hosting;

/// <summary>The services of a silo.</summary>
internal static class SiloServices
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new Lazy<IGrainReferenceRuntime>(provider.GetRequiredService<IGrainReferenceRuntime>));
        services.TryAddSingleton<IValueCodec, ValueCodec>();
        services.TryAddSingleton<Connector>();
        services.TryAddSingleton<IGrainMessageTransport, TcpTransport>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, FailureDetector>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, TableUpkeep>());
    }
}
