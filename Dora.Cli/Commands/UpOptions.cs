using System.CommandLine;
using Dora.Client;
using Dora.LocalCluster;

namespace Dora.Cli.Commands;

/// <summary>The options of <c>up</c> that are the workers' own.</summary>
internal sealed class UpOptions
{
    private const string CertificateVariable = "DORA_TLS_CERTIFICATE";

    private readonly Option<string?> _capacity = new("--page-capacity") { Description = "Cap on each worker's pages on disk, for example 20g (default 10g).", HelpName = "SIZE" };
    private readonly Option<string[]> _directories = new("--page-dir") { Description = "One more directory for pages and each worker's cap in it, best on a disk of its own; may be repeated.", HelpName = "DIR=SIZE" };
    private readonly Option<string[]> _weights = new("--weight") { Description = "A worker's share of files, for example w0=200 (default 100 each); may be repeated.", HelpName = "WORKER=N" };
    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "File with the token that clients must show (default: DORA_TOKEN_FILE or DORA_TOKEN, else everyone is let in).", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--tls-certificate") { Description = "PEM file: TLS between clients and workers (default: DORA_TLS_CERTIFICATE, else plain TCP).", HelpName = "FILE" };
    private readonly Option<string?> _trust = new("--tls-trust") { Description = "PEM file of the certificates to trust (default: DORA_TLS_TRUST, else the workers' own).", HelpName = "FILE" };

    /// <summary>Passed on as they are: the worker says what is wrong with them.</summary>
    private readonly Option<string?>[] _passed =
    [
        new("--metadata-memory") { Description = "Most bytes of memory for each worker's metadata, for example 256m.", HelpName = "SIZE" },
        new("--tls-key") { Description = "PEM file of the certificate's key (default: DORA_TLS_KEY, else the certificate's file).", HelpName = "FILE" },
        new("--same-host") { Description = "'on', or a directory: clients of this user read cached pages from the workers' files (default: DORA_SAME_HOST, else off).", HelpName = "on|DIR" },
        new("--hand-over") { Description = "Seconds that stopping may take to hand pages over, 0 to 300 (default 5).", HelpName = "SECONDS" },
        new("--poll-time") { Description = "Microseconds that a worker polls for the next request, 0 to 1000 (default 50).", HelpName = "US" },
        new("--foreign-store-rate") { Description = "Most requests per second to stores for files of workers that do not answer (default 500).", HelpName = "N" },
    ];

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_capacity, _directories, _weights, _tokenFile, _certificate, _trust, .. _passed])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What every worker is told.</summary>
    /// <exception cref="DoraException">InvalidArgument.</exception>
    public LocalWorkerOptions Workers(ParseResult parsed, IReadOnlyList<string> workers) => new(
        parsed.GetValue(_capacity) is { } size ? SizeOption.Parse(size, _capacity.Name) : null,
        [.. (parsed.GetValue(_directories) ?? []).Select(PageDirectoryOption.Parse)])
    {
        Weights = (parsed.GetValue(_weights) ?? []).Select(text => Weight(text, workers)).GroupBy(static w => w.Worker).ToDictionary(static g => g.Key, static g => g.Last().Weight),
        MoreArguments = [.. ((Option<string?>[])[_tokenFile, _certificate, _trust, .. _passed]).SelectMany(o => parsed.GetValue(o) is { } value ? (string[])[o.Name, value] : [])],
    };

    /// <summary>How a client reaches such workers.</summary>
    /// <exception cref="DoraException">Configuration: the token file cannot be used.</exception>
    public DoraClientOptions Client(ParseResult parsed, string cluster)
    {
        string? trust = new[] { parsed.GetValue(_trust), parsed.GetValue(_certificate), Environment.GetEnvironmentVariable(DoraTlsOptions.TrustVariable), Environment.GetEnvironmentVariable(CertificateVariable) }
            .FirstOrDefault(static f => !string.IsNullOrEmpty(f));
        return new DoraClientOptions
        {
            Cluster = cluster,
            Token = ChannelToken.Load(parsed.GetValue(_tokenFile), Environment.GetEnvironmentVariable).FirstOrDefault(),
            Tls = trust is null ? null : new DoraTlsOptions { TrustFile = trust },
        };
    }

    /// <summary>What other clients must set in their environment, in words; empty when nothing.</summary>
    public string ForClients(ParseResult parsed) => string.Concat(
        parsed.GetValue(_tokenFile) is { } token ? $" {ChannelToken.FileVariable}={Path.GetFullPath(token)}" : string.Empty,
        (parsed.GetValue(_trust) ?? parsed.GetValue(_certificate)) is { } trust ? $" {DoraTlsOptions.TrustVariable}={Path.GetFullPath(trust)}" : string.Empty);

    private (string Worker, string Weight) Weight(string text, IReadOnlyList<string> workers)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string worker = equals < 0 ? string.Empty : text[..equals];
        return workers.Contains(worker) && int.TryParse(text[(equals + 1)..], out int weight) && weight is >= 1 and <= WorkerDescriptor.MaxWeight
            ? (worker, text[(equals + 1)..])
            : throw new DoraException(DoraErrorCode.InvalidArgument, $"{_weights.Name} '{text}' is not WORKER=N with a worker of {string.Join(", ", workers)} and N from 1 to {WorkerDescriptor.MaxWeight}: give for example w0=200");
    }
}
