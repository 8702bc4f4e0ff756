using System.Net.Sockets;

namespace Dora.PageChannel.Transport;

/// <summary>Makes two sockets of this process that are connected with each other.</summary>
internal static class SocketPair
{
    /// <summary>Connects a pair. Nobody but this user can get in between: the socket's file has this user's rights, and is gone when the pair stands.</summary>
    public static async Task<(Socket A, Socket B)> ConnectAsync(CancellationToken cancellationToken)
    {
        string path = Path.Combine(Path.GetTempPath(), "dora-" + Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var a = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            await a.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return (a, await listener.AcceptAsync(cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            a.Dispose();
            throw;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
