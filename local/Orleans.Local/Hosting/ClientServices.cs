using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Networking;

namespace Orleans.Hosting;

/// <summary>The services of an external client.</summary>
internal static class ClientServices
{
    public static void AddTo(IServiceCollection services)
    {
        CommonServices.AddTo(services);
        services.TryAddSingleton<IGatewayConnector, Connector>();
        services.TryAddSingleton<ClientEvents>();
        services.TryAddSingleton<GatewayPool>();
        services.TryAddSingleton<ClientCore>();
        services.TryAddSingleton<ClientRuntime>();
        services.TryAddSingleton<IGrainReferenceRuntime>(provider => provider.GetRequiredService<ClientRuntime>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ClientRuntime>(provider => provider.GetRequiredService<ClientRuntime>()));
    }
}
