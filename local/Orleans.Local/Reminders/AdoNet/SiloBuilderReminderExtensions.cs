using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Reminders in a SQLite file.</summary>
public static class SiloBuilderReminderExtensions
{
    public static ISiloBuilder UseAdoNetReminderService(this ISiloBuilder builder, Action<AdoNetReminderTableOptions> configureOptions) =>
        builder.Configure(configureOptions).AddReminders();
}
