namespace Orleans.Runtime;

/// <summary>Calls made on a silo, by grains and by others.</summary>
internal sealed class SiloCallRuntime : GrainCallRuntime
{
    private readonly SiloCore _core;
    private readonly ActivationCatalog _catalog;
    private readonly MessageCenter _center;
    private readonly GrainId _ownId;

    public SiloCallRuntime(SiloCore core, ActivationCatalog catalog, MessageCenter center, IEnumerable<IOutgoingGrainCallFilter> filters)
        : base(core.Application, core.Pending, core.Bodies, filters, core.Time)
    {
        _core = core;
        _catalog = catalog;
        _center = center;
        _ownId = ClientIds.HostedBy(core.Local.SiloAddress);
        if (core.Messaging.CancelRequestOnTimeout)
            core.Pending.OnTimeout = CancelOverdue;
    }

    protected override GrainId Caller => RuntimeContext.Current?.GrainId ?? _ownId;

    protected override SiloAddress OwnSilo => _core.Local.SiloAddress;

    protected override TimeSpan ResponseTimeout => _core.Messaging.ResponseTimeout;

    protected override void SendRequest(Message request, GrainMethodModel method, object?[] arguments)
    {
        if (!_catalog.IsHere(request.Target))
        {
            request.Body = Bodies.WriteArguments(method, arguments);
            _center.Route(request);
            return;
        }

        request.LocalArguments = Bodies.CopyArguments(method, arguments);
        request.TargetSilo = OwnSilo;
        _center.Receive(request);
    }

    protected override void Send(Message message) => _center.Route(message);

    private void CancelOverdue(PendingCall call)
    {
        if (call.Method.CancellationIndex >= 0)
            SendCancel(call);
    }
}
