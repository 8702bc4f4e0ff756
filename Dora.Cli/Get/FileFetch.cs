using System.Buffers;
using Dora.Cli.Commands;
using Dora.Client;
using Dora.Interfaces;
using Microsoft.Win32.SafeHandles;

namespace Dora.Cli.Get;

/// <summary>Brings one file: a small one forward, a large one in several ranges at a time. Nobody sees the bytes before all are there, so that a file that changes meanwhile is begun again, once.</summary>
/// <param name="client">Reads.</param>
/// <param name="moved">Told of bytes as they come, and with less than 0 of those that count no more.</param>
internal sealed class FileFetch(DoraClient client, Action<long> moved)
{
    private const long MinParallel = 16L * 1024 * 1024;
    private const int RangeBytes = 4 * 1024 * 1024;
    private const int Ranges = 4;

    /// <summary>Writes a file's bytes.</summary>
    /// <returns>What the file was that they are of.</returns>
    public async Task<FileStat> ToFileAsync(FileStat stat, SafeFileHandle target, CancellationToken cancellationToken)
    {
        for (bool isAgain = false; ; isAgain = true)
        {
            await using DoraFile file = await client.OpenReadAsync(stat.Path, cancellationToken);
            long before = 0;
            try
            {
                void Progress(long bytes)
                {
                    moved(bytes);
                    Interlocked.Add(ref before, bytes);
                }

                await (stat.Length < MinParallel ? ForwardAsync(file, target, Progress, cancellationToken) : InRangesAsync(file, target, Progress, cancellationToken));
                return file.Stat;
            }
            catch (DoraException e) when (e.Code == DoraErrorCode.VersionChanged && !isAgain)
            {
                moved(-before);
                RandomAccess.SetLength(target, 0);
            }
        }
    }

    private static async Task ForwardAsync(DoraFile file, SafeFileHandle target, Action<long> progress, CancellationToken cancellationToken)
    {
        // The handle stays open behind the stream: it is its owner's.
        var output = new FileStream(new SafeFileHandle(target.DangerousGetHandle(), ownsHandle: false), FileAccess.Write, bufferSize: 0);
        long before = 0;
        long copied = await FileCopy.ToStreamAsync(
            file,
            0,
            long.MaxValue,
            output,
            done =>
            {
                progress(done - before);
                before = done;
            },
            cancellationToken);
        if (copied != file.Length)
        {
            throw new DoraException(DoraErrorCode.Unavailable, $"'{file.Path}': {copied} of {file.Length} bytes came: try again");
        }
    }

    private static async Task InRangesAsync(DoraFile file, SafeFileHandle target, Action<long> progress, CancellationToken cancellationToken)
    {
        long length = file.Length;
        long next = 0;
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken token = failed.Token;
        Exception? first = null;
        await Task.WhenAll(Enumerable.Range(0, Ranges).Select(_ => Task.Run(SomeAsync, CancellationToken.None)));
        if (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }

        async Task SomeAsync()
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(RangeBytes);
            try
            {
                long offset;
                while ((offset = Interlocked.Add(ref next, RangeBytes) - RangeBytes) < length)
                {
                    int wanted = (int)Math.Min(RangeBytes, length - offset);
                    int bytes = await file.ReadAsync(offset, buffer.AsMemory(0, wanted), token);
                    RandomAccess.Write(target, buffer.AsSpan(0, bytes), offset);
                    progress(bytes);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, e, null);
                await failed.CancelAsync();
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
