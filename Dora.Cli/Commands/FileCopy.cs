using System.Buffers;
using Dora.Client;

namespace Dora.Cli.Commands;

/// <summary>Copies a Dora file to a stream: two buffers, so that reading and writing overlap.</summary>
internal static class FileCopy
{
    private const int BufferBytes = 4 * 1024 * 1024;

    /// <summary>Copies; stops at the end of the file.</summary>
    /// <returns>Bytes copied.</returns>
    public static async Task<long> ToStreamAsync(
        DoraFile file, long offset, long length, Stream output, Action<long> onProgress, CancellationToken cancellationToken)
    {
        byte[] reading = ArrayPool<byte>.Shared.Rent(BufferBytes), writing = ArrayPool<byte>.Shared.Rent(BufferBytes);
        Task write = Task.CompletedTask;
        try
        {
            long end = Math.Min(file.Length, length > long.MaxValue - offset ? long.MaxValue : offset + length);
            long copied = 0;
            for (long position = offset; position < end;)
            {
                int wanted = (int)Math.Min(BufferBytes, end - position);
                int bytes = await file.ReadAsync(position, reading.AsMemory(0, wanted), cancellationToken);
                await write;
                (reading, writing) = (writing, reading);
                write = output.WriteAsync(writing, 0, bytes, cancellationToken);
                position += bytes;
                copied += bytes;
                onProgress(copied);
                if (bytes == 0)
                {
                    break;
                }
            }

            await write;
            await output.FlushAsync(cancellationToken);
            return copied;
        }
        finally
        {
            // A write that still runs after a failed read holds its buffer.
            await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(reading);
            ArrayPool<byte>.Shared.Return(writing);
        }
    }
}
