using System.Net;
using System.Net.Sockets;
using Dora.Client;
using Dora.Tests.Doubles;

namespace Dora.Tests.Client;

/// <summary>Connecting when there is nobody to connect to.</summary>
public sealed class ClusterConnectionTests
{
    [Fact]
    public async Task Connect_NoGatewayAnswers_GivesUpInTimeAndSaysWhatToDo()
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new DoraClientOptions { Gateways = [(IPEndPoint)free.LocalEndPoint!], Timeouts = new() { Connect = TimeSpan.FromMilliseconds(700) } };

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => DoraClient.ConnectAsync(options).WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Equal(DoraErrorCode.Unavailable, error.Code);
        Assert.Contains($"no worker of cluster 'dora' at {free.LocalEndPoint} answered within 0.7 s: start workers with 'dora up'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NoDatabase_IsAConfigurationError()
    {
        using var folder = new TempDirectory();
        folder.Write("cluster.db", "this is no database, but long enough to be looked at as one......"u8);
        var options = new DoraClientOptions { Cluster = folder.Path, Timeouts = new() { Connect = TimeSpan.FromMilliseconds(700) } };

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => DoraClient.ConnectAsync(options).WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.True(error.Code is DoraErrorCode.Configuration or DoraErrorCode.Unavailable, error.ToString());
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://db.example/dora")]
    [InlineData("Data Source=/d/cluster.db")]
    [InlineData("")]
    public async Task Connect_NoAddress_SaysWhatToGive(string cluster)
    {
        DoraException error = await Assert.ThrowsAsync<DoraException>(() => DoraClient.ConnectAsync(new DoraClientOptions { Cluster = cluster }));

        Assert.Equal(DoraErrorCode.InvalidArgument, error.Code);
        Assert.Contains("Cluster:", error.Message, StringComparison.Ordinal);
        Assert.Contains("give a directory or a SQLite file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ViewNeverComes_GivesUpInTime()
    {
        await using var cluster = new FakeCluster(1);
        cluster.View.BeforeGet = static () => throw new TimeoutException();

        DoraException error = await Assert.ThrowsAsync<DoraException>(
            () => cluster.ConnectAsync(new DoraClientOptions { Timeouts = new() { Connect = TimeSpan.FromMilliseconds(300) } }));

        Assert.Equal(DoraErrorCode.Unavailable, error.Code);
    }
}
