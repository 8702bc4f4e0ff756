using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>What every part of a silo needs: who it is, its calls, its options.</summary>
internal sealed class SiloCore(ILocalSiloDetails local, PendingCalls pending, CallBody bodies, ApplicationModel application, IOptions<SiloMessagingOptions> messaging, TimeProvider time)
{
    public ILocalSiloDetails Local => local;

    public PendingCalls Pending => pending;

    public CallBody Bodies => bodies;

    public ApplicationModel Application => application;

    public SiloMessagingOptions Messaging => messaging.Value;

    public TimeProvider Time => time;

    /// <summary>Gives a caller the answer that came for its call.</summary>
    public void Complete(PendingCall call, Message response) => Answers.Complete(bodies, call, response);
}

/// <summary>Answers for callers.</summary>
internal static class Answers
{
    public static void Complete(CallBody bodies, PendingCall call, Message response)
    {
        try
        {
            if (response.Kind == MessageKind.Response)
                call.Result.TrySetResult(bodies.ReadResult(call.Method, response.Body));
            else
                call.Result.TrySetException(bodies.ReadException(response.Body));
        }
        catch (Exception exception)
        {
            // An answer that cannot be read is the caller's to know.
            call.Result.TrySetException(exception);
        }
    }
}

/// <summary>The ids of those that call without being grains.</summary>
internal static class ClientIds
{
    private static readonly GrainType ClientType = GrainType.Create("sys.client");
    private static readonly GrainType HostedType = GrainType.Create("sys.hosted");

    public static GrainId NewClient() => GrainId.Create(ClientType, Guid.NewGuid().ToString("N"));

    public static GrainId HostedBy(SiloAddress silo) => GrainId.Create(HostedType, silo.ToParsableString());

    public static bool IsClient(GrainId id) => id.Type == ClientType;
}
