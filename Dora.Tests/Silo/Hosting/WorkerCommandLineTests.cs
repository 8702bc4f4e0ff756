using System.Net;
using Dora.Silo.Hosting;
using Dora.Storage.Pages.Volumes;

namespace Dora.Tests.Silo.Hosting;

public sealed class WorkerCommandLineTests
{
    [Fact]
    public async Task Invoke_OnlyData_TakesTheDefaults()
    {
        (WorkerOptions options, WorkerProcessOptions process) = await ParseAsync("--data", "/d");

        Assert.Equal(new WorkerOptions { DataDirectory = "/d" }, options);
        Assert.Equal(new WorkerProcessOptions(false, false, false), process);
        Assert.Equal(Path.Combine("/d", "cluster", "cluster.db"), options.ClusterAddress.DatabaseFile);
    }

    [Fact]
    public async Task Invoke_EveryOption_IsTaken()
    {
        (WorkerOptions options, WorkerProcessOptions process) = await ParseAsync(
            "--data", "/d", "--cluster", "/c", "--cluster-id", "x", "--worker-id", "w1", "--address", "127.0.0.2", "--silo-port", "1", "--gateway-port", "2",
            "--page-port", "3", "--page-capacity", "5GiB", "--page-dir", "/s1=1GiB", "--page-dir", "/s=2=2g", "--metadata-memory", "64M", "--weight", "7", "--log-to-stderr", "--exit-with-stdin", "--verbose");

        Assert.Equal([new PageDirectoryOptions("/s1", 1L << 30), new PageDirectoryOptions("/s=2", 2L << 30)], options.MorePageDirectories);
        Assert.Equal(
            new WorkerOptions
            {
                DataDirectory = "/d",
                Cluster = "/c",
                ClusterId = "x",
                WorkerId = "w1",
                Address = IPAddress.Parse("127.0.0.2"),
                SiloPort = 1,
                GatewayPort = 2,
                PagePort = 3,
                PageCapacityBytes = 5L << 30,
                MetadataMemoryBytes = 64 << 20,
                Weight = 7,
            },
            options with { MorePageDirectories = [] });
        Assert.Equal(new WorkerProcessOptions(true, true, true), process);
    }

    [Theory]
    [InlineData("--data", "", "--weight", "none")]
    [InlineData("--data", "/d", "--page-capacity", "much")]
    [InlineData("--data", "/d", "--page-dir", "/s")]
    [InlineData("--data", "/d", "--page-dir", "/s=much")]
    [InlineData("--data", "/d", "--address", "here")]
    [InlineData("--data", "/d", "--unknown", "x")]
    [InlineData("--weight", "5", "--page-port", "1")]
    public async Task Invoke_WrongCommandLine_IsOneLineAndUsage(params string[] args)
    {
        using var errors = new StringWriter();

        int code = await WorkerCommandLine.InvokeAsync(args, TextWriter.Null, errors, static (_, _) => throw new InvalidOperationException("must not run"));

        Assert.Equal((int)WorkerExitCode.Usage, code);
        Assert.Single(errors.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public void Check_EverythingWrong_NamesEachOptionInOneLine()
    {
        var options = new WorkerOptions
        {
            DataDirectory = " ",
            Cluster = "postgres://db/dora",
            ClusterId = "A B",
            WorkerId = "W",
            SiloPort = -1,
            GatewayPort = 70_000,
            PagePort = 65_536,
            PageCapacityBytes = 1,
            MorePageDirectories = [new("/s", 1), new("/s/", 1 << 20)],
            MetadataMemoryBytes = 1,
            Weight = 0,
            HandOverTime = WorkerOptionsCheck.MaxHandOver + TimeSpan.FromSeconds(1),
        };

        DoraException invalid = Assert.Throws<DoraException>(() => WorkerOptionsCheck.ThrowIfInvalid(options));

        Assert.Equal(DoraErrorCode.InvalidArgument, invalid.Code);
        Assert.All(
            new[] { "--data", "--cluster", "--cluster-id", "--worker-id", "--silo-port", "--gateway-port", "--page-port", "--page-capacity", "--page-dir", "--metadata-memory", "--weight", "--hand-over" },
            key => Assert.Contains(key + ":", invalid.Message, StringComparison.Ordinal));
        Assert.Contains("'/s' is named twice", invalid.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', invalid.Message);
    }

    [Fact]
    public void ExitCodes_AreFrozen() =>
        Assert.Equal(
            ["Ok=0", "Failed=1", "Usage=2", "Configuration=3", "Damaged=4"],
            Enum.GetValues<WorkerExitCode>().Select(static c => $"{c}={(int)c}"));

    private static async Task<(WorkerOptions Options, WorkerProcessOptions Process)> ParseAsync(params string[] args)
    {
        (WorkerOptions, WorkerProcessOptions)? parsed = null;
        using var errors = new StringWriter();
        int code = await WorkerCommandLine.InvokeAsync(
            args,
            TextWriter.Null,
            errors,
            (options, process) =>
            {
                parsed = (options, process);
                return Task.FromResult(WorkerExitCode.Ok);
            });
        Assert.True(code == 0, errors.ToString());
        return parsed!.Value;
    }
}
