using System.Diagnostics;
using Dora.Cli;
using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>The command as a process whose stdout is a pipe that is closed early, a descriptor that is not there, or a full device.</summary>
[Trait("Category", "Process")]
public sealed class ClosedOutputTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>
{
    private static readonly string Dora = $"dotnet exec '{Program()}'";

    [Fact]
    public async Task Cat_ReaderHasEnough_EndsQuietlyAndReadsLittle()
    {
        const long Length = 128L << 20;
        await using (FileStream big = File.Create(Path.Combine(cluster.Source, "big.bin")))
        {
            big.SetLength(Length);
        }

        long before = await StoreBytesAsync();
        (int code, string error) = await ShellAsync($"{Dora} cat /files/big.bin --data '{cluster.Data}' | head -c 10 > /dev/null; exit ${{PIPESTATUS[0]}}");

        Assert.Equal(((int)ExitCode.OutputClosed, string.Empty), (code, error));
        Assert.InRange(await StoreBytesAsync() - before, 1, 16L << 20);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public async Task Ls_ReaderHasEnough_EndsQuietly(string option)
    {
        string many = Path.Combine(cluster.Source, "many");
        Directory.CreateDirectory(many);
        for (int i = 0; i < 3000; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(many, $"a name of some length {i}"), []);
        }

        (int code, string error) = await ShellAsync($"{Dora} ls /files/many {option} --data '{cluster.Data}' | head -n 1 > /dev/null; exit ${{PIPESTATUS[0]}}");

        Assert.Equal(((int)ExitCode.OutputClosed, string.Empty), (code, error));
    }

    [Theory]
    [InlineData("ls /files")]
    [InlineData("ls /files --json")]
    [InlineData("cat '/files/file 1.bin'")]
    [InlineData("workers")]
    [InlineData("mount list --json")]
    [InlineData("version")]
    [InlineData("--help")]
    public async Task AnyCommand_OutputIsNotThere_SaysSoInOneLine(string command)
    {
        (int code, string error) = await ShellAsync($"{Dora} {command} --data '{cluster.Data}' >&-");

        Assert.Equal(((int)ExitCode.Failed, "dora: standard output is closed: give the command one, for example > /dev/null\n"), (code, error));
    }

    [Theory]
    [InlineData("ls /files")]
    [InlineData("cat '/files/file 1.bin'")]
    [InlineData("version --json")]
    [InlineData("--help")]
    public async Task AnyCommand_OutputIsFull_SaysSoInOneLine(string command)
    {
        (int code, string error) = await ShellAsync($"{Dora} {command} --data '{cluster.Data}' > /dev/full");

        Assert.Equal(((int)ExitCode.Failed, "dora: standard output cannot be written: No space left on device\n"), (code, error));
    }

    [Fact]
    public async Task AnyCommand_ErrorOutputIsNotThere_Works()
    {
        (int code, _) = await ShellAsync($"{Dora} stat /files/nothing --data '{cluster.Data}' 2>&-");

        Assert.Equal((int)ExitCode.NotFound, code);
    }

    /// <summary>The command as it was built beside the tests, in its own directory with its own dependencies.</summary>
    private static string Program()
    {
        var own = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(own.Parent!.Parent!.FullName, "Dora.Cli", own.Name, "dora.dll");
    }

    private async Task<long> StoreBytesAsync()
    {
        await using DoraClient client = await cluster.ConnectAsync();
        return (await Task.WhenAll(client.Workers.Select(w => client.GetWorkerStatusAsync(w.Id)))).Sum(static s => s.StoreBytes);
    }

    private static async Task<(int Code, string Error)> ShellAsync(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardError = true })!;
        string error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return (shell.ExitCode, error);
    }
}
