using System.Buffers;
using Dora.Client;

namespace Dora.Cli.Commands;

/// <summary>
/// Copies a Dora file to a stream: two buffers, so that reading and writing overlap. It reads one buffer ahead of what the stream has taken and no more; what
/// it asks for at a time grows from <see cref="FirstBytes"/>, because who takes the bytes may want only a few. The file's length is not asked for: a file that changed
/// before its first byte is opened again only when nothing was told of it.
/// </summary>
internal static class FileCopy
{
    private const int FirstBytes = 64 * 1024;
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
            long end = length > long.MaxValue - offset ? long.MaxValue : offset + length;
            int most = FirstBytes;
            long position = offset;
            while (position < end)
            {
                int wanted = (int)Math.Min(most, end - position);
                int bytes = await file.ReadAsync(position, reading.AsMemory(0, wanted), cancellationToken);
                await write;
                (reading, writing) = (writing, reading);
                byte[] taken = writing;
                write = Task.Run(() => output.Write(taken, 0, bytes), CancellationToken.None);
                position += bytes;
                onProgress(position - offset);
                most = Math.Min(BufferBytes, most * 2);
                if (bytes < wanted)
                {
                    break;
                }
            }

            await write;
            return Math.Max(0, position - offset);
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
