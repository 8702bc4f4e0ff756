using System.Net;
using Dora.Client.Routing;
using Dora.PageChannel.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Client;

/// <summary>How a program reaches a cluster. Immutable; set <see cref="Cluster"/> or <see cref="Gateways"/>, the rest has defaults.</summary>
public sealed record DoraClientOptions
{
    /// <summary>
    /// The cluster's address, see <see cref="ClusterAddress"/>: its directory (what <c>dora up --data</c> was given) or its SQLite file. Preferred over
    /// <see cref="Gateways"/> on the cluster's own machine: dead workers are noticed. <see langword="null"/> (default): use the gateways.
    /// </summary>
    public string? Cluster { get; init; }

    /// <summary>Orleans gateways of some workers; one that answers is enough. Used when <see cref="Cluster"/> is <see langword="null"/>. Default empty.</summary>
    public IReadOnlyList<IPEndPoint> Gateways { get; init; } = [];

    /// <summary>
    /// The cluster's id, 1 to 128 bytes of UTF-8; another cluster's workers refuse this client. <see langword="null"/> (default): the id in the directory
    /// that <see cref="Cluster"/> names, or <c>dora</c> when there is none.
    /// </summary>
    public string? ClusterId { get; init; }

    /// <summary>What the page channel's hello carries as proof, at most 1,024 bytes. Default empty: for clusters that ask for nothing.</summary>
    public ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>TLS on the page channel, for clusters whose workers have a certificate; <see langword="null"/> (default): plain connections.</summary>
    public DoraTlsOptions? Tls { get; init; }

    /// <summary>How long connecting may take, more than zero; default 15 s. Then <see cref="DoraErrorCode.Unavailable"/>.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long one worker may take at most for one request before the next worker is asked, more than zero; default 2 s, doubled each time all workers have
    /// been asked. Too short costs double work on slow stores; too long delays the next worker. A worker that is hung is noticed earlier, see
    /// <see cref="HungAfter"/>.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The shortest time, more than zero, after which a worker that neither answers nor shows a sign of life is given up for a request; default 0.3 s. The
    /// time itself follows the worker's measured latency (eight times what 99 % of its answers keep), between this and <see cref="RequestTimeout"/>. Too
    /// short takes a busy worker for a dead one.
    /// </summary>
    public TimeSpan MinRequestTimeout { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <summary>
    /// The shortest time, more than zero, after which the next owner is asked beside a worker that is late with a read; default 10 ms. The time itself is
    /// what 95 % of the worker's answers keep. Shorter cuts the tail more and spends more of <see cref="HedgeShare"/>.
    /// </summary>
    public TimeSpan MinHedgeDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Second requests per read that may be sent to cut the tail, 0 to 1; default 0.05. 0: none.</summary>
    public double HedgeShare { get; init; } = 0.05;

    /// <summary>
    /// From how many reads per second by this client on a file counts as hot, 0 or more; default 5,000. Reads of a hot file are spread over
    /// <see cref="HotFileReplicas"/> workers, whatever its mount says. 0: never.
    /// </summary>
    public int HotFileReads { get; init; } = 5000;

    /// <summary>Over how many workers reads of a hot file are spread, 1 to 8; default 3.</summary>
    public int HotFileReplicas { get; init; } = 3;

    /// <summary>
    /// How long a worker with requests in flight may show no sign of life (it is pinged after half of that), more than zero; default 1 s. Then its
    /// connection is given up and the next worker is asked. Too short takes a busy worker for a dead one.
    /// </summary>
    public TimeSpan HungAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one operation may take over all workers and retries, more than zero; default 30 s. Then <see cref="DoraErrorCode.Unavailable"/>.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>TCP connections per worker, 1 to 64, each opened when first needed; default 4. Small requests use the first half of them.</summary>
    public int ConnectionsPerWorker { get; init; } = 4;

    /// <summary>
    /// How long a thread of this client that receives answers polls for the next one before it sleeps, 0 to 1 ms; default 50 us. 0: not at all. Cuts the
    /// round trip to a near worker; where it does not, it stops by itself. At most half the processors poll; with one processor nobody does.
    /// </summary>
    public TimeSpan PollTime { get; init; } = SocketPoller.DefaultTime;

    /// <summary>Longer reads are split into requests of this many bytes, 64 KiB to 16 MiB; default 1 MiB.</summary>
    public int ReadChunkBytes { get; init; } = 1024 * 1024;

    /// <summary>How many of the requests of one read are in flight at a time, 1 to 64; default 4.</summary>
    public int ParallelReads { get; init; } = 4;

    /// <summary>
    /// Most bytes that one stream of a file fetches ahead of a reader that goes forward, 0 (off) to 64 MiB; default 2 MiB. In steps of 256 KiB; a reader that
    /// does not have to wait never gets so far ahead.
    /// </summary>
    public int ReadAheadBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// How many files of one batch are on their way, or wait to be taken, at a time, 1 to 1,024; default 128. Each takes as much memory as the file has.
    /// </summary>
    public int BatchWindow { get; init; } = 128;

    /// <summary>
    /// Whether a client that lives in a worker's process reads from that worker's memory instead of over a socket; default true. What is not in memory
    /// takes the page channel all the same.
    /// </summary>
    public bool UseLocalWorkers { get; init; } = true;

    /// <summary>
    /// Whether cached pages of workers on this host that are started with <c>--same-host</c> are read from their files instead of over a socket; default true. What
    /// cannot be read so takes the page channel all the same. Linux only.
    /// </summary>
    public bool UseSameHost { get; init; } = true;

    /// <summary>Where the client logs; default nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to connect instead of a worker's own address; see <c>ChannelOptions.Via</c>.</summary>
    internal Func<WorkerInfo, WorkerInfo> Via { get; init; } = static w => w;

    /// <summary>These options with token and TLS as the environment has them, where they are not set: <c>DORA_TOKEN_FILE</c>, <c>DORA_TOKEN</c>, <c>DORA_TLS_TRUST</c>.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the token file cannot be used.</exception>
    public DoraClientOptions WithEnvironment()
    {
        string? trust = Environment.GetEnvironmentVariable(DoraTlsOptions.TrustVariable);
        return this with
        {
            Token = Token.IsEmpty ? ChannelToken.Load(null, Environment.GetEnvironmentVariable).FirstOrDefault() : Token,
            Tls = Tls ?? (string.IsNullOrEmpty(trust) ? null : new DoraTlsOptions { TrustFile = trust }),
        };
    }

    /// <summary>Checks everything at once.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>, naming every option that is wrong.</exception>
    internal void Validate()
    {
        List<string> wrong = [];
        string? problem = null;
        Check(Cluster is null || ClusterAddress.TryParse(Cluster, out _, out problem), $"{nameof(Cluster)}: {problem}");
        Check(ClusterId is null || (ClusterId.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(ClusterId) <= 128), $"{nameof(ClusterId)} must be 1 to 128 bytes");
        Check(Token.Length <= 1024, $"{nameof(Token)} must be at most 1024 bytes");
        Check(ConnectTimeout > TimeSpan.Zero, $"{nameof(ConnectTimeout)} must be more than zero");
        Check(RequestTimeout > TimeSpan.Zero, $"{nameof(RequestTimeout)} must be more than zero");
        Check(MinRequestTimeout > TimeSpan.Zero, $"{nameof(MinRequestTimeout)} must be more than zero");
        Check(MinHedgeDelay > TimeSpan.Zero, $"{nameof(MinHedgeDelay)} must be more than zero");
        Check(HedgeShare is >= 0 and <= 1, $"{nameof(HedgeShare)} must be 0 to 1");
        Check(HotFileReads >= 0, $"{nameof(HotFileReads)} must be 0 or more");
        Check(HotFileReplicas is >= 1 and <= ReplicaChoice.Max, $"{nameof(HotFileReplicas)} must be 1 to {ReplicaChoice.Max}");
        Check(HungAfter > TimeSpan.Zero, $"{nameof(HungAfter)} must be more than zero");
        Check(OperationTimeout > TimeSpan.Zero, $"{nameof(OperationTimeout)} must be more than zero");
        Check(ConnectionsPerWorker is >= 1 and <= 64, $"{nameof(ConnectionsPerWorker)} must be 1 to 64");
        Check(PollTime >= TimeSpan.Zero && PollTime <= SocketPoller.MaxTime, $"{nameof(PollTime)} must be 0 to 1 ms");
        Check(ReadChunkBytes is >= 64 * 1024 and <= 16 * 1024 * 1024, $"{nameof(ReadChunkBytes)} must be 64 KiB to 16 MiB");
        Check(ReadAheadBytes is >= 0 and <= 64 * 1024 * 1024, $"{nameof(ReadAheadBytes)} must be 0 to 64 MiB");
        Check(BatchWindow is >= 1 and <= 1024, $"{nameof(BatchWindow)} must be 1 to 1024");
        Check(ParallelReads is >= 1 and <= 64, $"{nameof(ParallelReads)} must be 1 to 64");
        if (wrong.Count > 0)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"client options: {string.Join("; ", wrong)}");
        }

        void Check(bool isRight, string rule)
        {
            if (!isRight)
            {
                wrong.Add(rule);
            }
        }
    }
}
