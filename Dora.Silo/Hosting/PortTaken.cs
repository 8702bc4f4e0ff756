using System.Net.Sockets;

namespace Dora.Silo.Hosting;

/// <summary>Recognises, however deep it is wrapped, that a port was taken.</summary>
internal static class PortTaken
{
    public static bool Is(Exception exception) => exception switch
    {
        SocketException socket => socket.SocketErrorCode == SocketError.AddressAlreadyInUse,
        AggregateException many => many.InnerExceptions.Any(Is),
        { InnerException: { } inner } => Is(inner),
        _ => false,
    };
}
