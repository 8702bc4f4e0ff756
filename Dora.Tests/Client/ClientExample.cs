using Dora.Client;
using Dora.Interfaces;

namespace Dora.Tests.Client;

/// <summary>The example of docs/client.md; a test keeps the two the same.</summary>
internal static class ClientExample
{
    public static async Task<byte[]> RunAsync(string directory)
    {
        // example
        await using DoraClient dora = await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = directory });

        await foreach (FileStat entry in dora.ListAsync("/data"))
        {
            Console.WriteLine($"{entry.Kind,-10} {entry.Length,12} {entry.Name}");
        }

        await using DoraFile file = await dora.OpenReadAsync("/data/train/part-00001.parquet");
        byte[] footer = new byte[64 * 1024];
        int read = await file.ReadAsync(Math.Max(0, file.Length - footer.Length), footer);

        await using Stream stream = file.AsStream();
        await stream.CopyToAsync(Console.OpenStandardOutput());
        // end
        return footer[..read];
    }
}
