using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>Calls made by an external client, through gateways.</summary>
internal sealed class ClientRuntime : GrainCallRuntime, IHostedService
{
    private static readonly TimeSpan ManifestTimeout = TimeSpan.FromSeconds(5);

    private readonly ClientCore _core;
    private readonly GatewayPool _gateways;
    private readonly MessageCodec _codec;
    private readonly IClientConnectionRetryFilter _retry;
    private readonly TaskCompletionSource _manifest = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isRunning;

    public ClientRuntime(ClientCore core, GatewayPool gateways, MessageCodec codec, CallBody bodies, IEnumerable<IOutgoingGrainCallFilter> filters, IEnumerable<IClientConnectionRetryFilter> retry)
        : base(core.Application, core.Pending, bodies, filters, core.Time)
    {
        _core = core;
        _gateways = gateways;
        _codec = codec;
        _retry = retry.LastOrDefault() ?? new PatientRetry(core.Time);
        if (core.Messaging.CancelRequestOnTimeout)
            core.Pending.OnTimeout = CancelOverdue;
    }

    // A reference of this client that is used inside a grain of the same process still calls as the client: the answer comes through the gateway.
    protected override GrainId Caller => _gateways.ClientId;

    protected override SiloAddress? OwnSilo => null;

    protected override TimeSpan ResponseTimeout => _core.Messaging.ResponseTimeout;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _core.Check.Run(_core.Application);
        while (true)
        {
            try
            {
                await _gateways.StartAsync(OnFrame, cancellationToken).ConfigureAwait(false);
                AskForManifest();
                await _manifest.Task.WaitAsync(ManifestTimeout, _core.Time, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!await _retry.ShouldRetryConnectionAttempt(exception, cancellationToken).ConfigureAwait(false))
                    throw;
            }
        }

        _isRunning = true;
        _gateways.Maintain();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isRunning = false;
        await _gateways.StopAsync().ConfigureAwait(false);
        _core.Pending.FailAll(call => new OrleansException($"The client has stopped; {call.Request} was not answered."));
        _core.Pending.Dispose();
    }

    protected override void SendRequest(Message request, GrainMethodModel method, object?[] arguments)
    {
        if (!_isRunning)
            throw new ObjectDisposedException(nameof(ClusterClient), "The cluster client is not connected: its host has not been started, or was stopped.");
        request.Body = Bodies.WriteArguments(method, arguments);
        Send(request);
    }

    // A connection found dead is left out of the next choice.
    protected override void Send(Message message)
    {
        var frame = _codec.Encode(message);
        while (_gateways.For(message.Target) is var gateway && !gateway.Send(frame))
            _gateways.Avoid(gateway);
    }

    private void OnFrame(IGatewayConnection gateway, ReadOnlyMemory<byte> frame)
    {
        var message = _codec.Decode(frame);
        if (message.Kind == MessageKind.SystemRequest && message.Method == GatewayPool.ClosingCall)
            _gateways.Avoid(gateway);
        else if (message.Kind == MessageKind.SystemResponse)
        {
            _core.Types.Update([ManifestWire.Read(message.Body.ToArray())]);
            _manifest.TrySetResult();
        }
        else if (_core.Pending.Take(message.Id) is { } call)
            Answers.Complete(Bodies, call, message);
    }

    private void AskForManifest() => _gateways.For(Caller).Send(_codec.Encode(new Message
    {
        Kind = MessageKind.SystemRequest,
        Id = Guid.NewGuid(),
        Sender = Caller,
        Method = ClusterManifestProvider.Call,
    }));

    private void CancelOverdue(PendingCall call)
    {
        if (_isRunning && call.Method.CancellationIndex >= 0)
            SendCancel(call);
    }
}

/// <summary>What every part of a client needs.</summary>
internal sealed class ClientCore(ApplicationModel application, ApplicationCheck check, GrainTypeResolver types, PendingCalls pending, IOptions<ClientMessagingOptions> messaging, TimeProvider time)
{
    public ApplicationModel Application => application;

    public ApplicationCheck Check => check;

    public GrainTypeResolver Types => types;

    public PendingCalls Pending => pending;

    public ClientMessagingOptions Messaging => messaging.Value;

    public TimeProvider Time => time;
}

/// <summary>The retry filter of a client without one of its own: fifteen more attempts, each after a longer wait.</summary>
internal sealed class PatientRetry(TimeProvider time) : IClientConnectionRetryFilter
{
    private const int MaxRetries = 15;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1.5);

    private int _retries;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not Messaging.ConnectionFailedException || ++_retries > MaxRetries)
            return false;
        await Task.Delay(Step * _retries, time, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
