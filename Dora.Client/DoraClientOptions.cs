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

    /// <summary>How long the client waits for what.</summary>
    public DoraTimeoutOptions Timeouts { get; init; } = new();

    /// <summary>Connections to workers, and the shorter ways on one host.</summary>
    public DoraChannelOptions Channel { get; init; } = new();

    /// <summary>How reads are cut and how far they run ahead.</summary>
    public DoraReadOptions Reads { get; init; } = new();

    /// <summary>Second requests beside a worker that is late.</summary>
    public DoraHedgingOptions Hedging { get; init; } = new();

    /// <summary>Files that are read from several workers because they are read very often.</summary>
    public DoraHotFileOptions HotFiles { get; init; } = new();

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
        Check(Timeouts.Connect > TimeSpan.Zero, $"{nameof(Timeouts)}.{nameof(Timeouts.Connect)} must be more than zero");
        Check(Timeouts.Request > TimeSpan.Zero, $"{nameof(Timeouts)}.{nameof(Timeouts.Request)} must be more than zero");
        Check(Timeouts.MinRequest > TimeSpan.Zero, $"{nameof(Timeouts)}.{nameof(Timeouts.MinRequest)} must be more than zero");
        Check(Hedging.MinDelay > TimeSpan.Zero, $"{nameof(Hedging)}.{nameof(Hedging.MinDelay)} must be more than zero");
        Check(Hedging.Share is >= 0 and <= 1, $"{nameof(Hedging)}.{nameof(Hedging.Share)} must be 0 to 1");
        Check(HotFiles.ReadsPerSecond >= 0, $"{nameof(HotFiles)}.{nameof(HotFiles.ReadsPerSecond)} must be 0 or more");
        Check(HotFiles.Replicas is >= 1 and <= ReplicaChoice.Max, $"{nameof(HotFiles)}.{nameof(HotFiles.Replicas)} must be 1 to {ReplicaChoice.Max}");
        Check(Timeouts.Hung > TimeSpan.Zero, $"{nameof(Timeouts)}.{nameof(Timeouts.Hung)} must be more than zero");
        Check(Timeouts.Operation > TimeSpan.Zero, $"{nameof(Timeouts)}.{nameof(Timeouts.Operation)} must be more than zero");
        Check(Channel.ConnectionsPerWorker is >= 1 and <= 64, $"{nameof(Channel)}.{nameof(Channel.ConnectionsPerWorker)} must be 1 to 64");
        Check(Channel.PollTime >= TimeSpan.Zero && Channel.PollTime <= SocketPoller.MaxTime, $"{nameof(Channel)}.{nameof(Channel.PollTime)} must be 0 to 1 ms");
        Check(Reads.ChunkBytes is >= 64 * 1024 and <= 16 * 1024 * 1024, $"{nameof(Reads)}.{nameof(Reads.ChunkBytes)} must be 64 KiB to 16 MiB");
        Check(Reads.ReadAheadBytes is >= 0 and <= 64 * 1024 * 1024, $"{nameof(Reads)}.{nameof(Reads.ReadAheadBytes)} must be 0 to 64 MiB");
        Check(Reads.BatchWindow is >= 1 and <= 1024, $"{nameof(Reads)}.{nameof(Reads.BatchWindow)} must be 1 to 1024");
        Check(Reads.ParallelChunks is >= 1 and <= 64, $"{nameof(Reads)}.{nameof(Reads.ParallelChunks)} must be 1 to 64");
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
