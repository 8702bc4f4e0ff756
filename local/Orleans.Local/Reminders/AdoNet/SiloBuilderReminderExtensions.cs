using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Reminders.AdoNet;

namespace Orleans.Hosting;

/// <summary>Reminders in a SQLite file.</summary>
public static class SiloBuilderReminderExtensions
{
    public static ISiloBuilder UseAdoNetReminderService(this ISiloBuilder builder, Action<AdoNetReminderTableOptions> configureOptions)
    {
        builder.Services.AddSingleton<IReminderTable, AdoNetReminderTable>();
        return builder.Configure(configureOptions).AddReminders();
    }
}
