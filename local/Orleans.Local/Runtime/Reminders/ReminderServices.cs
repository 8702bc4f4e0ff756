using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <summary>The services of the reminder service.</summary>
internal static class ReminderServices
{
    public static void AddTo(IServiceCollection services) => services.AddOptions();
}
