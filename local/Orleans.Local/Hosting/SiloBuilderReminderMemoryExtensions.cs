using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>The reminder service.</summary>
public static class SiloBuilderReminderMemoryExtensions
{
    /// <summary>Reminders that live in one silo's memory: they are lost with it.</summary>
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
    {
        builder.AddReminders();
        builder.Services.AddSingleton<IReminderTable, InMemoryReminderTable>();
        return builder;
    }

    internal static ISiloBuilder AddReminders(this ISiloBuilder builder)
    {
        ReminderServices.AddTo(builder.Services);
        return builder;
    }
}
