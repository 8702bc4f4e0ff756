using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;

namespace Dora.Cli;

/// <summary>One run of a command.</summary>
/// <param name="Parsed">The command line.</param>
/// <param name="Terminal">Where it writes.</param>
/// <param name="DataDirectory">The cluster's data directory; for all but <c>up</c> any address of a cluster.</param>
/// <param name="Verbose">Whether details are wanted.</param>
internal sealed record CommandContext(ParseResult Parsed, Terminal Terminal, string DataDirectory, bool Verbose)
{
    /// <summary>Connects to the cluster of the data directory.</summary>
    /// <exception cref="DoraException">Unavailable: no cluster there, or nobody answers. InvalidArgument: no address.</exception>
    public Task<DoraClient> ConnectAsync(CancellationToken cancellationToken)
    {
        ClusterAddress address = ClusterAddress.Parse(DataDirectory);
        return address.Exists
            ? DoraClient.ConnectAsync(new DoraClientOptions { Cluster = address.Text }.WithEnvironment(), cancellationToken)
            : throw new DoraException(DoraErrorCode.Unavailable, $"no cluster in '{address}': start one with 'dora up', or name its directory with --data");
    }
}
