using System.Buffers;
using System.Security.Cryptography;
using Dora.Client;

namespace Dora.Cli.Demo;

/// <summary>Reads every file through the client and compares SHA-256 with the source.</summary>
internal sealed class ReadPass
{
    private const int Readers = 4;
    private const int BufferBytes = 1024 * 1024;

    private readonly DoraClient _client;
    private readonly IReadOnlyList<DemoFile> _files;
    private readonly TimeProvider _time;
    private int _done;
    private int _failed;
    private int _wrong;
    private long _bytes;

    public ReadPass(DoraClient client, IReadOnlyList<DemoFile> files, TimeProvider time) => (_client, _files, _time) = (client, files, time);

    /// <summary>Share of files read, 0 to 1.</summary>
    public double Share => _files.Count == 0 ? 1 : (double)Volatile.Read(ref _done) / _files.Count;

    /// <summary>Files whose read failed.</summary>
    public int Failed => _failed;

    /// <summary>Files with wrong bytes.</summary>
    public int Wrong => _wrong;

    /// <summary>The first failure's line; null when all went well.</summary>
    public string? FirstFailure { get; private set; }

    /// <summary>Bytes read and verified per second, in MB (10^6).</summary>
    public double MBps { get; private set; }

    /// <summary>Reads everything.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        await Parallel.ForEachAsync(_files, new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken }, ReadAsync);
        MBps = _bytes / 1e6 / _time.GetElapsedTime(start).TotalSeconds;
    }

    private async ValueTask ReadAsync(DemoFile expected, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long length = await HashAsync(expected, hash, buffer, cancellationToken);
            Interlocked.Add(ref _bytes, length);
            if (length != expected.Length || !hash.GetHashAndReset().AsSpan().SequenceEqual(expected.Sha256))
            {
                Interlocked.Increment(ref _wrong);
                FirstFailure ??= $"{expected.DoraPath}: bytes differ from the source";
            }
        }
        catch (DoraException e)
        {
            Interlocked.Increment(ref _failed);
            FirstFailure ??= $"{expected.DoraPath}: {e.Message}";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            Interlocked.Increment(ref _done);
        }
    }

    private async Task<long> HashAsync(DemoFile expected, IncrementalHash hash, byte[] buffer, CancellationToken cancellationToken)
    {
        await using DoraFile file = await _client.OpenReadAsync(expected.DoraPath, cancellationToken);
        long position = 0;
        while (position < file.Length)
        {
            int bytes = await file.ReadAsync(position, buffer.AsMemory(0, BufferBytes), cancellationToken);
            if (bytes == 0)
            {
                break;
            }

            hash.AppendData(buffer, 0, bytes);
            position += bytes;
        }

        return position;
    }
}
