using System.Net.Sockets;

namespace Dora.Storage.Files;

/// <summary>What a connector's exception means to a reader. Connectors return expected outcomes; what they throw is a surprise, or the network.</summary>
internal static class StoreFailure
{
    public static (DoraErrorCode Code, string Error) Describe(Exception e, string ufsPath) => e switch
    {
        DoraException known => (known.Code, known.Message),
        IOException or SocketException or HttpRequestException or TimeoutException or OperationCanceledException =>
            (DoraErrorCode.Unavailable, $"the store of '{ufsPath}' did not answer ({e.Message}): try again"),
        _ => (DoraErrorCode.Internal, $"the connector of '{ufsPath}' failed by surprise ({e.GetType().Name}: {e.Message})"),
    };
}
