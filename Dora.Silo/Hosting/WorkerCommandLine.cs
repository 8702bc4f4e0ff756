using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Dora.PageChannel.Transport;
using Dora.Storage.Metadata;
using Dora.Storage.Pages.Volumes;

namespace Dora.Silo.Hosting;

/// <summary>The worker's command line: every member of <see cref="WorkerOptions"/>, and how the process behaves.</summary>
internal static class WorkerCommandLine
{
    private static readonly Option<string> Data = new("--data") { Description = "The worker's own directory: pages, metadata, identity, log", Required = true };
    private static readonly Option<string?> Cluster = new("--cluster") { Description = "Address of the cluster, equal for its workers and clients: a directory or a SQLite file [default: 'cluster' in --data]" };
    private static readonly Option<string?> ClusterId = new("--cluster-id") { Description = "The cluster's name [default: the one in --cluster, else 'dora']" };
    private static readonly Option<string?> WorkerId = new("--worker-id") { Description = "The worker's stable name [default: the one in --data, or a new one]" };
    private static readonly Option<IPAddress> Address = new("--address") { Description = "Address to listen on and to be reached at", DefaultValueFactory = static _ => IPAddress.Loopback, CustomParser = ParseAddress };
    private static readonly Option<int> SiloPort = new("--silo-port") { Description = "TCP port for other workers; 0: a free one" };
    private static readonly Option<int> GatewayPort = new("--gateway-port") { Description = "TCP port for clients' control calls; 0: a free one" };
    private static readonly Option<int> PagePort = new("--page-port") { Description = "TCP port of the page channel; 0: a free one" };
    private static readonly Option<long> PageCapacity = new("--page-capacity") { Description = "Most bytes of disk for pages, e.g. 10GiB", DefaultValueFactory = static _ => 10L << 30, CustomParser = ParseSize };
    private static readonly Option<PageDirectoryOptions[]> PageDirectories = new("--page-dir") { Description = "One more directory for pages and its size, best on a disk of its own, e.g. /mnt/ssd2/dora=100GiB; may be repeated", DefaultValueFactory = static _ => [], CustomParser = ParseDirectories };
    private static readonly Option<long> MetadataMemory = new("--metadata-memory") { Description = "Most bytes of memory for metadata, e.g. 256MiB; taken as files come, 38 bytes each", DefaultValueFactory = static _ => MetadataStoreOptions.DefaultMemoryBudget, CustomParser = ParseSize };
    private static readonly Option<int> Weight = new("--weight") { Description = "Share of files relative to other workers, 1 to 10000", DefaultValueFactory = static _ => WorkerDescriptor.DefaultWeight };
    private static readonly Option<int> ForeignStoreRate = new("--foreign-store-rate") { Description = "Most requests per second to the stores for files of workers that do not answer", DefaultValueFactory = static _ => 500 };
    private static readonly Option<double> HandOver = new("--hand-over") { Description = "Seconds that a graceful stop may take to hand metadata and cached pages over, 0 to 300; 0: none", DefaultValueFactory = static _ => 5 };
    private static readonly Option<double> PollTime = new("--poll-time") { Description = "Microseconds that the page channel polls for the next request before it sleeps, 0 to 1000; 0: never", DefaultValueFactory = static _ => SocketPoller.DefaultTime.TotalMicroseconds };
    private static readonly Option<string?> TokenFile = new("--token-file") { Description = "File with the page channel's token [default: DORA_TOKEN_FILE or DORA_TOKEN, else everyone is let in]" };
    private static readonly Option<string?> TlsCertificate = new("--tls-certificate") { Description = "PEM file: TLS on the page channel [default: DORA_TLS_CERTIFICATE, else plain TCP]" };
    private static readonly Option<string?> TlsKey = new("--tls-key") { Description = "PEM file of the certificate's key [default: DORA_TLS_KEY, else the certificate's file]" };
    private static readonly Option<string?> TlsTrust = new("--tls-trust") { Description = "PEM file of the other workers' certificates or their authority's [default: DORA_TLS_TRUST, else the own]" };
    private static readonly Option<string?> SameHost = new("--same-host") { Description = "Let clients of this host and user read cached pages from the worker's files: 'on', or a directory for the socket [default: DORA_SAME_HOST, else off]" };
    private static readonly Option<bool> LogToStderr = new("--log-to-stderr") { Description = "Log to stderr instead of worker.log in --data" };
    private static readonly Option<bool> ExitWithStdin = new("--exit-with-stdin") { Description = "Stop when stdin is closed, so that a parent that dies leaves no worker" };
    private static readonly Option<double> LockWait = new("--lock-wait") { Description = "Seconds to wait for a data directory that another worker has, which may be ending, 0 to 300", CustomParser = ParseWait };
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Log more, and print stack traces" };

    /// <summary>Parses the command line and runs the worker.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Receives the ready line, and help when asked for.</param>
    /// <param name="errors">Receives one line when something is wrong.</param>
    /// <param name="run">Runs the worker.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> InvokeAsync(string[] args, TextWriter output, TextWriter errors, Func<WorkerOptions, WorkerProcessOptions, Task<WorkerExitCode>> run)
    {
        RootCommand root = new("A Dora worker: caches the files of its keys and serves them. Prints 'ready {json}' when it serves; stops on SIGTERM.")
        {
            Data, Cluster, ClusterId, WorkerId, Address, SiloPort, GatewayPort, PagePort, PageCapacity, PageDirectories, MetadataMemory, Weight, ForeignStoreRate, HandOver,
            PollTime, TokenFile, TlsCertificate, TlsKey, TlsTrust, SameHost, LogToStderr, ExitWithStdin, LockWait, Verbose,
        };
        root.SetAction(async (parsed, _) => (int)await run(Options(parsed), ProcessOptions(parsed)).ConfigureAwait(false));
        ParseResult result = root.Parse(args);
        if (result.Errors.Count > 0)
        {
            string all = string.Join("; ", result.Errors.Select(static e => e.Message.TrimEnd('.')));
            await errors.WriteLineAsync($"dora-worker: {all} (dora-worker --help lists the options)").ConfigureAwait(false);
            return (int)WorkerExitCode.Usage;
        }

        return await result.InvokeAsync(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
    }

    private static WorkerOptions Options(ParseResult parsed) => new()
    {
        DataDirectory = parsed.GetValue(Data)!,
        Cluster = parsed.GetValue(Cluster),
        ClusterId = parsed.GetValue(ClusterId),
        WorkerId = parsed.GetValue(WorkerId),
        Address = parsed.GetValue(Address)!,
        SiloPort = parsed.GetValue(SiloPort),
        GatewayPort = parsed.GetValue(GatewayPort),
        PagePort = parsed.GetValue(PagePort),
        PageCapacityBytes = parsed.GetValue(PageCapacity),
        MorePageDirectories = parsed.GetValue(PageDirectories) ?? [],
        MetadataMemoryBytes = parsed.GetValue(MetadataMemory),
        Weight = parsed.GetValue(Weight),
        ForeignStoreRate = parsed.GetValue(ForeignStoreRate),
        PollTime = TimeSpan.FromMicroseconds(parsed.GetValue(PollTime)),
        TokenFile = parsed.GetValue(TokenFile),
        TlsCertificate = parsed.GetValue(TlsCertificate),
        TlsKey = parsed.GetValue(TlsKey),
        TlsTrust = parsed.GetValue(TlsTrust),
        SameHost = parsed.GetValue(SameHost),
        HandOverTime = TimeSpan.FromSeconds(parsed.GetValue(HandOver)),
    };

    private static WorkerProcessOptions ProcessOptions(ParseResult parsed) =>
        new(parsed.GetValue(LogToStderr), parsed.GetValue(ExitWithStdin), parsed.GetValue(Verbose), TimeSpan.FromSeconds(parsed.GetValue(LockWait)));

    private static IPAddress? ParseAddress(ArgumentResult result)
    {
        if (IPAddress.TryParse(result.Tokens[0].Value, out IPAddress? address))
        {
            return address;
        }

        result.AddError($"--address: '{result.Tokens[0].Value}' is no IP address");
        return null;
    }

    private static PageDirectoryOptions[] ParseDirectories(ArgumentResult result)
    {
        var directories = new List<PageDirectoryOptions>();
        foreach (string text in result.Tokens.Select(static t => t.Value))
        {
            int equals = text.LastIndexOf('=');
            if (equals <= 0 || !ByteSize.TryParse(text[(equals + 1)..], out long bytes))
            {
                result.AddError($"--page-dir: '{text}' is not DIR=SIZE: give for example /mnt/ssd2/dora=100GiB");
                return [];
            }

            directories.Add(new PageDirectoryOptions(text[..equals], bytes));
        }

        return [.. directories];
    }

    private static double ParseWait(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and <= 300)
        {
            return seconds;
        }

        result.AddError($"--lock-wait: '{text}' is not 0 to 300 seconds");
        return 0;
    }

    private static long ParseSize(ArgumentResult result)
    {
        if (ByteSize.TryParse(result.Tokens[0].Value, out long bytes))
        {
            return bytes;
        }

        result.AddError($"{result.Argument.Name}: '{result.Tokens[0].Value}' is no size: give bytes, or for example 64MiB or 10GiB");
        return 0;
    }
}
