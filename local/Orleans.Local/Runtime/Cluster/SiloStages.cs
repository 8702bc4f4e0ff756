using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>The silo's own part in its lifecycle: transport, membership, activations, gateway.</summary>
internal sealed class SiloStages : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan ClientGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClientPoll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LastWriteLimit = TimeSpan.FromSeconds(10);

    private readonly SiloCore _core;
    private readonly IGrainMessageTransport _transport;
    private readonly SystemCalls _system;
    private readonly MembershipOracle _membership;
    private readonly ActivationParts _parts;
    private readonly ILogger<SiloStages> _log;

    public SiloStages(SiloCore core, IGrainMessageTransport transport, SystemCalls system, MembershipOracle membership, ActivationParts parts, ActivationShared shared, ILogger<SiloStages> log)
    {
        _core = core;
        _transport = transport;
        _system = system;
        _membership = membership;
        _parts = parts;
        _log = log;
        shared.Attach(parts);
        system.Handle(GrainLocator.ForgetCall, (_, body) => parts.Center.Locator.ForgetAsTold(body));
        membership.Changed += LetGoOfDead;
    }

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe<SiloStages>(ServiceLifecycleStage.RuntimeInitialize, StartRuntimeAsync, StopRuntimeAsync);
        lifecycle.Subscribe<SiloStages>(ServiceLifecycleStage.AfterRuntimeGrainServices, _membership.JoinAsync, static _ => Task.CompletedTask);
        lifecycle.Subscribe<SiloStages>(ServiceLifecycleStage.BecomeActive, BecomeActiveAsync, LeaveAsync);
    }

    private async Task StartRuntimeAsync(CancellationToken ct)
    {
        await _transport.StartAsync(_core.Local, _parts.Center, ct).ConfigureAwait(false);
        await _membership.InitializeAsync().ConfigureAwait(false);
    }

    private async Task BecomeActiveAsync(CancellationToken ct)
    {
        await _membership.SetStatusAsync(SiloStatus.Active, ct).ConfigureAwait(false);
        if (_core.Local.GatewayAddress.Endpoint.Port > 0)
            _transport.OpenGateway();
    }

    private async Task LeaveAsync(CancellationToken ct)
    {
        await WriteStatusAsync(ct.IsCancellationRequested ? SiloStatus.Stopping : SiloStatus.ShuttingDown).ConfigureAwait(false);
        if (!ct.IsCancellationRequested)
            _system.TellClients(_parts.Center.Clients, GatewayPool.ClosingCall);
        await _parts.Catalog.CloseAsync(ct).ConfigureAwait(false);
    }

    private async Task StopRuntimeAsync(CancellationToken ct)
    {
        // Answers on their way to clients still go out.
        var started = _core.Time.GetTimestamp();
        while (!ct.IsCancellationRequested && _parts.Center.ClientCallCount > 0 && _core.Time.GetElapsedTime(started) < ClientGrace)
            await Task.Delay(ClientPoll, _core.Time, CancellationToken.None).ConfigureAwait(false);
        await WriteStatusAsync(SiloStatus.Dead).ConfigureAwait(false);
        await _transport.StopAsync(ct).ConfigureAwait(false);
        _core.Pending.FailAll(call => new SiloUnavailableException($"This silo has stopped; {call.Request} was not answered."));
        _core.Pending.Dispose();
    }

    // Also on an abrupt stop: the others need not wait for their probes.
    private async Task WriteStatusAsync(SiloStatus status)
    {
        using var limit = new CancellationTokenSource(LastWriteLimit, _core.Time);
        try
        {
            await _membership.SetStatusAsync(status, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LogWarning(exception, "Status {Status} could not be written.", status);
        }
    }

    private void LetGoOfDead(ClusterMembershipSnapshot snapshot)
    {
        foreach (var dead in snapshot.Members.Values.Where(member => member.Status == SiloStatus.Dead && !member.SiloAddress.Equals(_core.Local.SiloAddress)))
        {
            _transport.CloseConnectionsTo(dead.SiloAddress);
            _system.FailCallsTo(dead.SiloAddress);
            _core.Pending.FailCallsTo(dead.SiloAddress, call => new SiloUnavailableException($"Silo {dead.SiloAddress} is dead; {call.Request} was not answered."));
        }
    }
}
