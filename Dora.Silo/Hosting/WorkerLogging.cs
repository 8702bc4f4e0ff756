using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dora.Silo.Hosting;

/// <summary>Where a worker's log goes. Never to stdout: that carries the ready line alone.</summary>
internal static class WorkerLogging
{
    public static ILoggingBuilder AddDoraWorkerLog(this ILoggingBuilder logging, WorkerProcessOptions options, string file)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(options.Verbose ? LogLevel.Information : LogLevel.Warning);
        logging.AddFilter("Dora", options.Verbose ? LogLevel.Debug : LogLevel.Information);
        if (options.LogToStderr)
        {
            logging.Services.AddSingleton<ILoggerProvider>(static s => LogFile.OpenStderr(s.GetService<TimeProvider>() ?? TimeProvider.System));
        }
        else
        {
            logging.Services.AddSingleton<ILoggerProvider>(s => LogFile.Open(file, s.GetService<TimeProvider>() ?? TimeProvider.System));
        }

        return logging;
    }
}
