using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Starts and stops the silo with its host.</summary>
internal sealed class SiloHost(SiloLifecycle lifecycle, IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants, ApplicationCheck check, ApplicationModel application, ILogger<SiloHost> log)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        check.Run(application);
        foreach (var participant in participants)
            participant.Participate(lifecycle);
        try
        {
            await lifecycle.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await lifecycle.StopAsync(new CancellationToken(true), log).ConfigureAwait(false);
            throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => lifecycle.StopAsync(cancellationToken, log);
}

/// <summary>Ends the process: a silo that the others hold for dead must not go on.</summary>
internal sealed class FailFastHandler(ILogger<FailFastHandler> log) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        log.LogCritical(exception, "Fatal error: {Context}", context);
        Environment.FailFast($"Fatal error of the silo: {context}", exception);
    }
}
