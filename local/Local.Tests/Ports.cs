using System.Net;
using System.Net.Sockets;

namespace Local.Tests;

/// <summary>Ports below the system's ephemeral range, so that no outgoing connection takes one between choosing and listening; each is given once.</summary>
internal static class Ports
{
    private const int First = 12_000;
    private const int Count = 18_000;
    private static int _next = Environment.ProcessId * 97 % Count;

    public static int Free()
    {
        while (true)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's: the next one.
            }
        }
    }
}
