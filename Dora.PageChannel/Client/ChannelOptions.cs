using System.Net.Security;
using Dora.PageChannel.Transport;

namespace Dora.PageChannel.Client;

/// <summary>How the client's page channels behave.</summary>
internal sealed record ChannelOptions
{
    /// <summary>The cluster meant by the hello; empty for any.</summary>
    public string ClusterId { get; init; } = string.Empty;

    /// <summary>What the hello carries as proof, at most 1,024 bytes.</summary>
    public ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>Whether connections are encrypted.</summary>
    public bool UseTls { get; init; }

    /// <summary>What a worker's certificate is checked with; <see langword="null"/>: the system's authorities and the worker's name.</summary>
    public RemoteCertificateValidationCallback? WorkerCertificateCheck { get; init; }

    /// <summary>Where to connect instead of a worker's own address; only tests and benchmarks put something in between.</summary>
    public Func<WorkerInfo, WorkerInfo> Via { get; init; } = static w => w;

    /// <summary>Whether pages of workers on this host are read from their segments' files.</summary>
    public bool UseSameHost { get; init; }

    /// <summary>The workers of this process; <see langword="null"/>: none is known.</summary>
    public LocalWorkers? LocalWorkers { get; init; }

    /// <summary>Connections per worker, each opened when first needed; 1 or more.</summary>
    public int ConnectionsPerWorker { get; init; } = 4;

    /// <summary>Requests sent and unanswered on one connection; more wait in line. The worker may grant fewer.</summary>
    public int MaxInFlight { get; init; } = 256;

    /// <summary>Requests that may wait in line on one connection; one more is answered Busy.</summary>
    public int MaxWaiting { get; init; } = 16_384;

    /// <summary>How long TCP connect and hello may take together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a worker with requests in flight may send nothing before its connection is given up. It is pinged after half of that, so that a
    /// worker that waits for a slow store shows that it lives.
    /// </summary>
    public TimeSpan HungAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a receiving thread polls for an answer before it parks, at most <see cref="SocketPoller.MaxTime"/>; zero: never.</summary>
    public TimeSpan PollTime { get; init; } = SocketPoller.DefaultTime;

    /// <summary>The first pause before a failed worker is tried in the background; doubles up to <see cref="MaxProbeDelay"/>.</summary>
    public TimeSpan ProbeDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest such pause.</summary>
    public TimeSpan MaxProbeDelay { get; init; } = TimeSpan.FromSeconds(5);
}
