using System.Threading.Channels;
using Dora.Client;

namespace Dora.Cli.Get;

/// <summary>
/// Copies a directory with all below it: while it is listed, small files come in batches and are written by several threads, and a few large ones come beside them in ranges. What cannot be copied is
/// written down, and the rest goes on; only what would end every file in the same way (a full disk) ends the run.
/// </summary>
/// <param name="client">Reads.</param>
/// <param name="writer">Puts files in their places.</param>
/// <param name="ledger">Where it is written down.</param>
internal sealed class GetRun(DoraClient client, FileWriter writer, GetLedger ledger)
{
    private const int SmallBytes = 256 * 1024;
    private const int MostInBatch = 1024;
    private const int Writers = 4;
    private const int LargeAtATime = 4;

    // So many files in a row that nobody could give: the cluster is gone, and each of the others would be waited for.
    private const int MostUnreachable = 200;

    private readonly Channel<GetItem> _small = Channel.CreateBounded<GetItem>(2 * MostInBatch);
    private readonly Channel<GetItem> _large = Channel.CreateBounded<GetItem>(2 * LargeAtATime);
    private readonly Channel<(GetItem Item, FileContent Content)> _came = Channel.CreateBounded<(GetItem, FileContent)>(64);
    private int _unreachable;

    /// <summary>Copies what a walk finds into a target.</summary>
    /// <exception cref="DoraException">The directory itself cannot be copied.</exception>
    public async Task RunAsync(TreeWalk walk, TargetDirectory target, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken token = stop.Token;
        Exception? final = null;
        List<Task> parts = [Part(() => walk.RunAsync(target, FoundAsync, token), _small.Writer, _large.Writer), Part(() => BatchesAsync(token), _came.Writer)];
        parts.AddRange(Enumerable.Range(0, Writers).Select(_ => Part(() => WriteAllAsync(token))));
        parts.AddRange(Enumerable.Range(0, LargeAtATime).Select(_ => Part(() => FetchAllAsync(token))));
        await Task.WhenAll(parts);
        DropRest();
        ledger.Ended();
        cancellationToken.ThrowIfCancellationRequested();
        if (final is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(final);
        }

        // Whatever ends a part ends the run; what comes after it finds its channel complete.
        Task Part(Func<Task> work, params ReadOnlySpan<object> feeds)
        {
            object[] ends = feeds.ToArray();
            return Task.Run(
                async () =>
                {
                    try
                    {
                        await work();
                    }
                    catch (Exception e)
                    {
                        Interlocked.CompareExchange(ref final, e, null);
                        await stop.CancelAsync();
                    }
                    finally
                    {
                        foreach (object end in ends)
                        {
                            _ = end is ChannelWriter<GetItem> items ? items.TryComplete() : ((ChannelWriter<(GetItem, FileContent)>)end).TryComplete();
                        }
                    }
                },
                CancellationToken.None);
        }
    }

    private ValueTask FoundAsync(GetItem item, CancellationToken cancellationToken) =>
        (item.Stat.Length <= SmallBytes ? _small : _large).Writer.WriteAsync(item, cancellationToken);

    private async Task BatchesAsync(CancellationToken cancellationToken)
    {
        var batch = new List<GetItem>(MostInBatch);
        while (await _small.Reader.WaitToReadAsync(cancellationToken))
        {
            batch.Clear();
            while (batch.Count < MostInBatch && _small.Reader.TryRead(out GetItem item))
            {
                if (IsWanted(item))
                {
                    batch.Add(item);
                }
            }

            await foreach (FileContent content in client.ReadFilesAsync(batch.Select(static i => i.Stat.Path), inOrder: false, cancellationToken))
            {
                await _came.Writer.WriteAsync((batch[content.Index], content), cancellationToken);
            }
        }
    }

    private async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        await foreach ((GetItem item, FileContent content) in _came.Reader.ReadAllAsync(cancellationToken))
        {
            using TargetDirectory directory = item.Directory;
            using (content)
            {
                try
                {
                    writer.Write(item, content);
                    _unreachable = 0;
                }
                catch (Exception e) when (IsOfOneFile(e))
                {
                    ledger.Fail(item.Stat.Path, e.Message);
                }
            }
        }
    }

    private async Task FetchAllAsync(CancellationToken cancellationToken)
    {
        await foreach (GetItem item in _large.Reader.ReadAllAsync(cancellationToken))
        {
            if (!IsWanted(item))
            {
                continue;
            }

            using TargetDirectory directory = item.Directory;
            try
            {
                await writer.FetchAsync(item, cancellationToken);
                _unreachable = 0;
            }
            catch (Exception e) when (IsOfOneFile(e))
            {
                ledger.Fail(item.Stat.Path, e.Message);
            }
        }
    }

    private bool IsWanted(in GetItem item)
    {
        bool isWanted = false;
        try
        {
            isWanted = writer.IsWanted(item);
        }
        catch (DoraException e)
        {
            ledger.Fail(item.Stat.Path, e.Message);
        }

        if (!isWanted)
        {
            item.Directory.Dispose();
        }

        return isWanted;
    }

    private bool IsOfOneFile(Exception error) =>
        error is DoraException { Code: DoraErrorCode.Unavailable } ? Interlocked.Increment(ref _unreachable) < MostUnreachable
        : error is DoraException or IOException or UnauthorizedAccessException && !LocalFailure.IsFinal(error);

    private void DropRest()
    {
        while (_small.Reader.TryRead(out GetItem item) || _large.Reader.TryRead(out item))
        {
            item.Directory.Dispose();
        }

        while (_came.Reader.TryRead(out (GetItem Item, FileContent Content) came))
        {
            came.Content.Dispose();
            came.Item.Directory.Dispose();
        }
    }
}
