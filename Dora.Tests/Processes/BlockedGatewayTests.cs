using System.Net;
using System.Net.Sockets;
using Dora.Cli;
using Dora.Client;
using Dora.Interfaces;
using Dora.Tests.Cli;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;
using Microsoft.Data.Sqlite;

namespace Dora.Tests.Processes;

/// <summary>
/// A reader depends on page ports only. The gateways of the workers are blocked: at the address that the client has, each gateway's port is one where connections are taken and nothing is ever said.
/// </summary>
[Trait("Category", "Process")]
public sealed class BlockedGatewayTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>, IDisposable
{
    private readonly TempDirectory _address = new();
    private readonly Socket _mute = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public void Dispose()
    {
        _mute.Dispose();
        _address.Dispose();
    }

    [Fact]
    public async Task AllGatewaysBlocked_AReaderReadsListsAndFollows()
    {
        await BlockAsync();
        await using DoraClient client = await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = _address.Path, Timeouts = new() { Connect = TimeSpan.FromSeconds(5) } });

        Assert.Equal(cluster.Names.Count, await CountAsync(client, ProcessCluster.MountPath));
        foreach (string name in cluster.Names)
        {
            byte[] expected = await File.ReadAllBytesAsync(Path.Combine(cluster.Source, name));
            Assert.Equal(expected.Length, (await client.StatAsync($"{ProcessCluster.MountPath}/{name}")).Length);
            Assert.Equal(expected, await client.ReadAllBytesAsync($"{ProcessCluster.MountPath}/{name}"));
        }

        // What needs a grain says so, and the reader goes on.
        DoraException blocked = await Assert.ThrowsAsync<DoraException>(() => client.GetWorkerStatusAsync(new WorkerId("w0")));
        Assert.Equal(DoraErrorCode.Unavailable, blocked.Code);
        await using (DoraClient other = await cluster.ConnectAsync())
        {
            await other.Mounts.AddAsync("/later", cluster.Source, freshness: "immutable");
        }

        await Eventually.Async(() => client.Mounts.Current.Any(static m => m.Path.Value == "/later"), "the client to hear of a new mount");
        Assert.Equal(cluster.Names.Count, await CountAsync(client, "/later"));
    }

    [Fact]
    public async Task AllGatewaysBlocked_TheReadingCommandsWork()
    {
        await BlockAsync();
        string file = $"{ProcessCluster.MountPath}/{cluster.Names[1]}";

        foreach (string[] command in (string[][])[["ls", ProcessCluster.MountPath], ["stat", file], ["cat", file, "--length", "1"]])
        {
            CommandLine run = await CommandLine.RunAsync([.. command, "--data", _address.Path]);

            Assert.True(run.Code == ExitCode.Ok && run.Output.Length > 0, $"{command[0]}: {run.Error}");
            Assert.Empty(run.Error); // no part of the answer was given up because a grain could not be asked
        }
    }

    private async Task BlockAsync()
    {
        _mute.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _mute.Listen();
        var address = ClusterAddress.Parse(cluster.Data);
        string copy = Path.Combine(_address.Path, ClusterNames.DatabaseFile);
        await File.WriteAllTextAsync(Path.Combine(_address.Path, ClusterNames.IdFile), address.ReadId());
        await using (var database = new SqliteConnection($"Data Source={address.DatabaseFile};Pooling=False"))
        {
            await database.OpenAsync();
            await using SqliteCommand vacuum = database.CreateCommand();
            vacuum.CommandText = $"VACUUM INTO '{copy}'";
            await vacuum.ExecuteNonQueryAsync();
        }

        await using var blocked = new SqliteConnection($"Data Source={copy};Pooling=False");
        await blocked.OpenAsync();
        await using SqliteCommand command = blocked.CreateCommand();
        command.CommandText = $"UPDATE OrleansMembershipTable SET ProxyPort = {((IPEndPoint)_mute.LocalEndPoint!).Port} WHERE Status = 3";
        Assert.Equal(3, await command.ExecuteNonQueryAsync());
    }

    private static async Task<int> CountAsync(DoraClient client, string path)
    {
        int files = 0;
        await foreach (FileStat entry in client.ListAsync(path))
        {
            files += entry.Kind == FileKind.Directory ? await CountAsync(client, entry.Path) : 1;
        }

        return files;
    }
}
