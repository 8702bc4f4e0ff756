using Dora.Cli;
using Dora.Client;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary>Files that change between a worker's stat and a reader's first byte, through the commands.</summary>
[Trait("Category", "Process")]
public sealed class GrowingFileTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>
{
    private const string Mount = "/live";

    private string Source => Path.Combine(cluster.Data, "..", "live");

    [Fact]
    public async Task File_RewrittenWhileItsMetadataIsFresh_IsReadAsItIsNow()
    {
        await MountAsync();
        foreach (string how in (string[])["cat", "get", "read", "batch"])
        {
            string file = Path.Combine(Source, how);
            await File.WriteAllTextAsync(file, "the first content");
            await using DoraClient client = await cluster.ConnectAsync();
            Assert.Equal(17, (await client.StatAsync($"{Mount}/{how}")).Length);
            await File.WriteAllTextAsync(file, "another, longer content");

            Assert.Equal("another, longer content", await ReadAsync(client, how, how));
        }
    }

    [Fact]
    public async Task Log_AppendedToEvery5Milliseconds_CanBeRead()
    {
        await MountAsync();
        string file = Path.Combine(Source, "log");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Range(0, 2000).Select(static i => $"{i:0000000}\n")));
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(async () =>
        {
            await using var log = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            for (int line = 2000; !stop.IsCancellationRequested; line++)
            {
                log.Write(System.Text.Encoding.ASCII.GetBytes($"{line:0000000}\n"));
                await timer.WaitForNextTickAsync();
            }
        });

        await using DoraClient client = await cluster.ConnectAsync();
        foreach (string how in (string[])["cat", "get", "read", "batch"])
        {
            string read = await ReadAsync(client, how, "log");

            // What was read before may be given again for as long as the mount says; nothing is older than the mount.
            Assert.True(read.Length >= 2000 * 8, $"{how}: {read.Length} bytes, fewer than there ever were");
            Assert.Equal(string.Concat(Enumerable.Range(0, read.Length / 8).Select(static i => $"{i:0000000}\n")), read);
        }

        await stop.CancelAsync();
        await writing;
    }

    private async Task MountAsync()
    {
        Directory.CreateDirectory(Source);
        await using DoraClient client = await cluster.ConnectAsync();
        if (!client.Mounts.Current.Any(static m => m.Path.Value == Mount))
        {
            await client.Mounts.AddAsync(Mount, Path.GetFullPath(Source), freshness: "max-age 10m");
        }
    }

    private async Task<string> ReadAsync(DoraClient client, string how, string name)
    {
        string path = $"{Mount}/{name}";
        switch (how)
        {
            case "cat":
                CommandLine cat = await CommandLine.RunAsync("cat", path, "--data", cluster.Data);
                Assert.True(cat.Code == ExitCode.Ok, cat.Error);
                return cat.Output;
            case "get":
                string target = Path.Combine(cluster.Data, "..", "got-" + name);
                CommandLine get = await CommandLine.RunAsync("get", path, target, "--data", cluster.Data);
                Assert.True(get.Code == ExitCode.Ok, get.Error);
                return await File.ReadAllTextAsync(target);
            case "read":
                return System.Text.Encoding.ASCII.GetString(await client.ReadAllBytesAsync(path));
            default:
                string text = string.Empty;
                await foreach (FileContent content in client.ReadFilesAsync([path]))
                {
                    using (content)
                    {
                        text += System.Text.Encoding.ASCII.GetString(content.Bytes.Span);
                    }
                }

                return text;
        }
    }
}
