using Dora.Client;

namespace Dora.Tests.Processes.SameHost;

/// <summary>Readers that read ranges of a mount's files at random, whole files among them, and compare every byte with the source.</summary>
internal sealed class SameHostLoad(DoraClient client, string source, int seed)
{
    private long _reads;
    private volatile string? _problem;

    /// <summary>The first wrong byte or failed read; null while all is well.</summary>
    public string? Problem => _problem;

    public long Reads => Interlocked.Read(ref _reads);

    public Task RunAsync(int readers, CancellationToken cancellationToken)
    {
        Dictionary<string, byte[]> files = Directory.GetFiles(source)
            .ToDictionary(static f => $"{SmallCluster.MountPath}/{Path.GetFileName(f)}", File.ReadAllBytes, StringComparer.Ordinal);
        return Task.WhenAll(Enumerable.Range(0, readers).Select(i => Task.Run(() => ReadAsync(files, new Random(seed + i), cancellationToken), CancellationToken.None)));
    }

    private async Task ReadAsync(Dictionary<string, byte[]> files, Random random, CancellationToken cancellationToken)
    {
        var open = new Dictionary<string, DoraFile>(StringComparer.Ordinal);
        string[] names = [.. files.Keys];
        byte[] buffer = new byte[files.Values.Max(static b => b.Length)];
        while (!cancellationToken.IsCancellationRequested && _problem is null)
        {
            string name = names[random.Next(names.Length)];
            byte[] bytes = files[name];
            try
            {
                if (random.Next(8) == 0)
                {
                    long length = await client.ReadFileAsync(name, buffer, CancellationToken.None);
                    Check(name, 0, bytes, buffer.AsSpan(0, (int)length));
                }
                else
                {
                    if (!open.TryGetValue(name, out DoraFile? file))
                    {
                        file = open[name] = await client.OpenReadAsync(name, CancellationToken.None);
                    }

                    int offset = random.Next(bytes.Length);
                    int read = await file.ReadAsync(offset, buffer.AsMemory(0, random.Next(4) == 0 ? buffer.Length : random.Next(1, 20_000)), CancellationToken.None);
                    Check(name, offset, bytes, buffer.AsSpan(0, read));
                }
            }
            catch (DoraException e)
            {
                _problem ??= $"{name}: {e.Code}: {e.Message}";
            }

            Interlocked.Increment(ref _reads);
        }
    }

    private void Check(string name, int offset, byte[] right, ReadOnlySpan<byte> read)
    {
        if (!read.SequenceEqual(right.AsSpan(offset, Math.Min(read.Length, right.Length - offset))) || read.IsEmpty)
        {
            _problem ??= $"wrong bytes of {name} at {offset}, {read.Length}";
        }
    }
}
