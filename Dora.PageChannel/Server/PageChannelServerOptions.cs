using System.Net;
using System.Net.Security;
using Dora.PageChannel.Transport;

namespace Dora.PageChannel.Server;

/// <summary>How a worker serves its page channel. Every limit is hard; what happens at the limit is said with each.</summary>
internal sealed record PageChannelServerOptions
{
    /// <summary>The address to listen on. Default 127.0.0.1: reachable from this machine only.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port, or 0 (default) for a free one.</summary>
    public int Port { get; init; }

    /// <summary>The cluster a client must mean; a hello that names another is refused with WrongCluster.</summary>
    public required string ClusterId { get; init; }

    /// <summary>The worker that answers.</summary>
    public required WorkerId WorkerId { get; init; }

    /// <summary>Who may use the channel. Default: everyone.</summary>
    public IHelloAuthenticator Authenticator { get; init; } = new SharedSecrets([]);

    /// <summary>TLS before everything else, or <see langword="null"/> (default) for plain connections.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>Most connections, default 1,024; one more is told Busy and closed.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>Most requests in flight granted to one connection, default 256; beyond twice as many are answered Busy.</summary>
    public int MaxInFlight { get; init; } = 256;

    /// <summary>Most bytes granted to one read, default 4 MiB; longer reads are answered InvalidRequest.</summary>
    public int MaxReadLength { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Most bytes of read replies being made or sent, over all connections, default 256 MiB; one connection may hold an eighth. More reads wait in
    /// line; when the line is full they are answered Busy.
    /// </summary>
    public long MaxReplyBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>How long a new connection may take to say hello, default 5 s.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may stay without a request, default 10 min; then it is closed with a goodbye.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a client may take nothing of what is sent to it, default 30 s; then its connection is cut.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the thread that serves a connection polls for its next request before it parks, at most <see cref="SocketPoller.MaxTime"/>, default
    /// 50 us; zero: never.
    /// </summary>
    public TimeSpan PollTime { get; init; } = SocketPoller.DefaultTime;

    /// <summary>How long a graceful stop waits for requests in flight, default 5 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
