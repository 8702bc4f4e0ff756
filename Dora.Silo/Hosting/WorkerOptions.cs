using System.Net;
using Dora.PageChannel.Transport;
using Dora.Storage.Metadata;
using Dora.Storage.Pages.Volumes;

namespace Dora.Silo.Hosting;

/// <summary>How one worker runs. Checked as a whole at start; see <see cref="WorkerOptionsCheck"/>.</summary>
internal sealed record WorkerOptions
{
    /// <summary>The worker's own directory: pages, metadata, identity, log. Created when missing; one worker at a time. No default.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// The stable name of the worker on the ring. Default: the one in the data directory, made up when the directory is new. A directory keeps its
    /// worker: starting it under another name is refused, because its cache belongs to the first name's keys.
    /// </summary>
    public string? WorkerId { get; init; }

    /// <summary>
    /// The cluster's address, see <see cref="Dora.ClusterAddress"/>, equal on all its workers and clients. Default: <c>cluster</c> in the data directory.
    /// </summary>
    public string? Cluster { get; init; }

    /// <summary>
    /// The cluster's name, equal on all its workers and clients: 1 to 64 of a-z, 0-9, '-', '_', '.'. Default: the one in the cluster directory, else
    /// <see cref="ClusterNames.DefaultClusterId"/>.
    /// </summary>
    public string? ClusterId { get; init; }

    /// <summary>The address that others reach this worker at and that it listens on. Default 127.0.0.1: this machine only. Set a token, and TLS, before choosing another.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port for other workers, or 0 (default) for a free one.</summary>
    public int SiloPort { get; init; }

    /// <summary>TCP port for clients' control calls, or 0 (default) for a free one.</summary>
    public int GatewayPort { get; init; }

    /// <summary>TCP port of the page channel, or 0 (default) for a free one.</summary>
    public int PagePort { get; init; }

    /// <summary>The most bytes of disk for pages, at least 1 MiB. Default 10 GiB. A hard cap; the least recently useful pages go first.</summary>
    public long PageCapacityBytes { get; init; } = 10L << 30;

    /// <summary>
    /// More directories for pages beside the one in <see cref="DataDirectory"/>, best on disks of their own, each with its capacity of at least 1 MiB. One worker
    /// at a time. A directory that fails is left out until it works again. Default: none.
    /// </summary>
    public IReadOnlyList<PageDirectoryOptions> MorePageDirectories { get; init; } = [];

    /// <summary>
    /// The most bytes of memory for metadata, RocksDB included, at least 4 MiB; taken as the files come, about 38 bytes each, and what does not fit is on disk. Default: a twelfth of
    /// the machine's memory, from 256 MiB to 1,920 MiB.
    /// </summary>
    public long MetadataMemoryBytes { get; init; } = MetadataStoreOptions.DefaultMemoryBudget;

    /// <summary>Share of files relative to the other workers, 1 to 10,000. Default 100.</summary>
    public int Weight { get; init; } = WorkerDescriptor.DefaultWeight;

    /// <summary>
    /// How often per second at most the stores are asked for files of other workers, when those do not answer; 1 to 1,000,000. Default 500, and twice as
    /// many at once. More wait half a second, then readers are told to try another worker. Bounds what a dead worker costs the store.
    /// </summary>
    public int ForeignStoreRate { get; init; } = 500;

    /// <summary>
    /// How long a graceful stop may take to hand metadata and cached pages over to the next owners, the pages read last first; 0 to 5 min. Default 5 s; 0: not at all. What is
    /// not handed over is asked of the store again.
    /// </summary>
    public TimeSpan HandOverTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a thread of the page channel polls for the next request of a busy connection before it sleeps, 0 to 1 ms; 0: not at all. Default 50 us.
    /// At most half the processors poll; with one processor nobody does.
    /// </summary>
    public TimeSpan PollTime { get; init; } = SocketPoller.DefaultTime;

    /// <summary>
    /// A file with the page channel's token, one a line: all are accepted, the first is shown to other workers. Default: <c>DORA_TOKEN_FILE</c> or
    /// <c>DORA_TOKEN</c> of the environment; with none, everyone is let in.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary>A PEM file with the worker's certificate: the page channel then speaks TLS only. Default: <c>DORA_TLS_CERTIFICATE</c>; with none, plain TCP.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>A PEM file with the certificate's key. Default: <c>DORA_TLS_KEY</c>, else the certificate's file.</summary>
    public string? TlsKey { get; init; }

    /// <summary>A PEM file of the certificates of the other workers or their authority. Default: <c>DORA_TLS_TRUST</c>, else the worker's own certificate file.</summary>
    public string? TlsTrust { get; init; }

    /// <summary>
    /// Lets clients on this host that run as the same user read cached pages from the worker's files: <c>on</c>, with a socket in the data directory, or the directory
    /// of the socket. Default: <c>DORA_SAME_HOST</c>; with none, all clients read over the page channel. Who is let in can read the pages of all mounts.
    /// </summary>
    public string? SameHost { get; init; }

    /// <summary>Where the cluster's members find what they share.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>: no such address.</exception>
    public ClusterAddress ClusterAddress => ClusterAddress.Parse(Cluster ?? Path.Combine(DataDirectory, ClusterNames.DirectoryName));
}
