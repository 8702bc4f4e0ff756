using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Dora.LocalCluster;

namespace Dora.Cli;

/// <summary>One run of a command.</summary>
/// <param name="Parsed">The command line.</param>
/// <param name="Terminal">Where it writes.</param>
/// <param name="DataDirectory">The cluster's data directory.</param>
/// <param name="Verbose">Whether details are wanted.</param>
internal sealed record CommandContext(ParseResult Parsed, Terminal Terminal, string DataDirectory, bool Verbose)
{
    /// <summary>Connects to the cluster of the data directory.</summary>
    /// <exception cref="DoraException">Unavailable: no cluster there, or nobody answers.</exception>
    public Task<DoraClient> ConnectAsync(CancellationToken cancellationToken)
    {
        string cluster = ClusterDirectory.ClusterPathOf(Path.GetFullPath(DataDirectory));
        return Directory.Exists(cluster)
            ? DoraClient.ConnectAsync(new DoraClientOptions { Cluster = cluster }.WithEnvironment(), cancellationToken)
            : throw new DoraException(DoraErrorCode.Unavailable, $"no cluster in '{DataDirectory}': start one with 'dora up', or name its directory with --data");
    }
}
