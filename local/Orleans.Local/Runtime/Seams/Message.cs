namespace Orleans.Runtime;

/// <summary>What a message is. Numbers are on the wire.</summary>
internal enum MessageKind : byte
{
    Request = 1,
    OneWay = 2,

    /// <summary>The body is the result.</summary>
    Response = 3,

    /// <summary>The body is the exception.</summary>
    Error = 4,

    /// <summary>The call was not run; the body is the reason (an exception).</summary>
    Rejection = 5,

    /// <summary>The caller of the request with this id gave up.</summary>
    Cancel = 6,

    /// <summary>Silo to silo, or client to gateway: <see cref="Message.Method"/> names a system call, the body is its argument.</summary>
    SystemRequest = 7,
    SystemResponse = 8,
    SystemError = 9,
}

/// <summary>One message between silos, or between a client and a silo.</summary>
internal sealed class Message
{
    public MessageKind Kind { get; set; }

    /// <summary>Chosen by the caller, unique together with the sender; the answer carries it back.</summary>
    public Guid Id { get; init; }

    /// <summary>The grain or client that is to receive the message; the default value for system calls.</summary>
    public GrainId Target { get; init; }

    /// <summary>The grain or client that sent it.</summary>
    public GrainId Sender { get; init; }

    /// <summary>The silo to deliver to; null until the target has been located.</summary>
    public SiloAddress? TargetSilo { get; set; }

    /// <summary>The silo that the answer goes to: the sender's, or the client's gateway.</summary>
    public SiloAddress? SendingSilo { get; set; }

    /// <summary>The interface's wire name.</summary>
    public string Interface { get; init; } = "";

    /// <summary>The method's wire name.</summary>
    public string Method { get; init; } = "";

    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>The values of <see cref="RequestContext"/>; the call chain travels in it.</summary>
    public Dictionary<string, object>? Context { get; init; }

    /// <summary>How long the caller still waits.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>How often the message was sent on because its target had moved.</summary>
    public int ForwardCount { get; set; }

    /// <summary>A placement director chose the target silo for a grain without activation: it may be created there.</summary>
    public bool IsNewPlacement { get; set; }

    /// <summary>When the local process got or made the message, as a time stamp of its clock. Does not travel.</summary>
    public long ReceivedAt { get; set; }

    /// <summary>Arguments of a call that stays in this silo, already copied; then <see cref="Body"/> is empty.</summary>
    public object?[]? LocalArguments { get; set; }

    public bool IsResponse => Kind is MessageKind.Response or MessageKind.Error or MessageKind.Rejection or MessageKind.SystemResponse or MessageKind.SystemError;

    public bool IsSystem => Kind is MessageKind.SystemRequest or MessageKind.SystemResponse or MessageKind.SystemError;

    public override string ToString() => $"{Kind} {Interface}.{Method} {Sender} -> {Target} at {TargetSilo} (forwarded {ForwardCount})";
}
