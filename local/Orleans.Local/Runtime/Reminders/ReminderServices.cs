using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>The services of the reminder service.</summary>
internal static class ReminderServices
{
    public static void AddTo(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ReminderService)))
            return;
        SiloServices.AddParticipant<ReminderService>(services);
        services.AddSingleton<IReminderRegistry, ReminderRegistry>();
    }
}
