using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Dora.Client.Files;

/// <summary>
/// Reads many whole files with a bounded number on their way. Their requests leave many in one packet, and their replies come so: that, and no frame of
/// its own, makes a batch fast.
/// </summary>
/// <param name="files">Reads one file.</param>
/// <param name="window">How many files are on their way or wait to be taken at a time.</param>
internal sealed class BatchReads(SmallFileReads files, int window)
{
    /// <summary>In the order of the paths: while one is waited for, those behind it come.</summary>
    public async IAsyncEnumerable<FileContent> InOrderAsync(IEnumerable<string> paths, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Queue<ValueTask<FileContent>>(window);
        try
        {
            int index = 0;
            using IEnumerator<string> next = paths.GetEnumerator();
            while (true)
            {
                // Half a window at a time, so that requests leave many in one packet.
                if (running.Count <= window / 2)
                {
                    while (running.Count < window && next.MoveNext())
                    {
#pragma warning disable CA2012 // each one is awaited once: when it is dequeued, or at the end
                        running.Enqueue(files.ReadRentedAsync(index++, next.Current, stop.Token));
#pragma warning restore CA2012
                    }
                }

                if (!running.TryDequeue(out ValueTask<FileContent> oldest))
                {
                    yield break;
                }

                yield return await oldest.ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            foreach (ValueTask<FileContent> left in running)
            {
                await DropAsync(left).ConfigureAwait(false);
            }
        }
    }

    /// <summary>As they come.</summary>
    public async IAsyncEnumerable<FileContent> AsTheyComeAsync(IEnumerable<string> paths, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ready = Channel.CreateUnbounded<FileContent>(new UnboundedChannelOptions { SingleReader = true });
        int running = 0;
        try
        {
            int index = 0;
            using IEnumerator<string> next = paths.GetEnumerator();
            while (true)
            {
                if (running <= window / 2)
                {
                    while (running < window && next.MoveNext())
                    {
                        running++;
                        _ = PassOnAsync(files.ReadRentedAsync(index++, next.Current, stop.Token), ready.Writer);
                    }
                }

                if (running == 0)
                {
                    yield break;
                }

                FileContent content = await ready.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                running--;
                yield return content;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            for (; running > 0; running--)
            {
                (await ready.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false)).Dispose();
            }
        }
    }

    private static async Task PassOnAsync(ValueTask<FileContent> reading, ChannelWriter<FileContent> ready)
    {
        FileContent content;
        try
        {
            content = await reading.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A cancelled or failed read counts as one too: whoever ends the enumeration waits for every one of them.
            content = new FileContent(-1, string.Empty, [], 0, new DoraException(DoraErrorCode.Unavailable, e.Message, e));
        }

        ready.TryWrite(content);
    }

    private static async ValueTask DropAsync(ValueTask<FileContent> reading)
    {
        try
        {
            (await reading.ConfigureAwait(false)).Dispose();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Nobody waits for it any more.
        }
    }
}
