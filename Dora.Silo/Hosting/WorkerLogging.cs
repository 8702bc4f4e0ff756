using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

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
            logging.AddSimpleConsole(static o => (o.SingleLine, o.TimestampFormat, o.UseUtcTimestamp) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", true));
            logging.Services.Configure<ConsoleLoggerOptions>(static o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        }
        else
        {
            logging.Services.AddSingleton<ILoggerProvider>(s => LogFile.Open(file, s.GetService<TimeProvider>() ?? TimeProvider.System));
        }

        return logging;
    }
}
