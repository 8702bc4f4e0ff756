using System.Net;
using System.Net.Sockets;

namespace Dora.Silo.Hosting;

/// <summary>The ports Orleans will listen on. It must be told numbers, so free ones are looked for, and given ones are tried, before it starts.</summary>
/// <param name="Silo">For other workers.</param>
/// <param name="Gateway">For clients.</param>
internal readonly record struct WorkerPorts(int Silo, int Gateway)
{
    /// <summary>Chooses and tries the ports.</summary>
    /// <param name="options">The ports wanted, 0 for any.</param>
    /// <param name="lastSilo">The silo port to take when any will do and it is free; 0 for none.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: a port is in use, or the address is not this machine's.</exception>
    public static WorkerPorts Choose(WorkerOptions options, int lastSilo = 0)
    {
        // Both are held until both are chosen, so that they differ.
        using Socket silo = (options.SiloPort == 0 && lastSilo > 0 ? TryTake(options.Address, lastSilo) : null) ?? Take(options.Address, options.SiloPort, "--silo-port");
        using Socket gateway = Take(options.Address, options.GatewayPort, "--gateway-port");
        return new WorkerPorts(((IPEndPoint)silo.LocalEndPoint!).Port, ((IPEndPoint)gateway.LocalEndPoint!).Port);
    }

    private static Socket? TryTake(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return socket;
        }
        catch (SocketException)
        {
            // Somebody else has it by now: another will do.
            socket.Dispose();
            return null;
        }
    }

    private static Socket Take(IPAddress address, int port, string option)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new DoraException(
                DoraErrorCode.Configuration,
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"port {port} on {address} is in use: choose another with {option}, or 0 for a free one"
                    : $"{address}:{port} cannot be listened on ({e.Message}): choose another with --address or {option}",
                e);
        }
    }
}
