using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dora.PageChannel.Transport;
using Microsoft.Extensions.ObjectPool;

namespace Dora.Client.Files;

/// <summary>
/// Reads many whole files with a bounded number on their way. Their requests leave many in one packet, and their replies come so; a file costs no task and no
/// state machine. That, and no frame of its own, makes a batch fast.
/// </summary>
/// <param name="files">Reads one file.</param>
/// <param name="observer">Told of the files.</param>
/// <param name="size">How many files are on their way or wait to be taken at a time.</param>
internal sealed class BatchReads(SmallFileReads files, ReadObserver observer, int size)
{
    private readonly ObjectPool<BatchSlot> _slots = new DefaultObjectPool<BatchSlot>(new BatchSlotPolicy(files), BatchSlotPolicy.MaxKept);

    /// <summary>Reads them.</summary>
    /// <param name="paths">Which.</param>
    /// <param name="inOrder">In the order of the paths: while one is waited for, those behind it come. Else as they come.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<FileContent> RunAsync(
        IEnumerable<string> paths, bool inOrder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Activity? span = ReadObserver.StartBatch();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var window = new BatchWindow(_slots, size, inOrder, stop.Token);
        try
        {
            using IEnumerator<string> next = paths.GetEnumerator();
            var coming = new List<string>(size);
            bool isMore = true;
            while (true)
            {
                // Half a window at a time, so that requests leave many in one packet.
                if (isMore && window.Count <= size / 2)
                {
                    isMore = Take(next, size - window.Count, coming);
                    Start(window, coming, span);
                }

                if (window.Count == 0)
                {
                    yield break;
                }

                FileContent? content;
                while ((content = window.TryTake()) is null)
                {
                    await window.WaitAsync().ConfigureAwait(false);
                    cancellationToken.ThrowIfCancellationRequested();
                }

                observer.NoteFile(content);
                yield return content;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await window.DrainAsync().ConfigureAwait(false);
        }
    }

    private static bool Take(IEnumerator<string> paths, int most, List<string> taken)
    {
        taken.Clear();
        while (taken.Count < most)
        {
            if (!paths.MoveNext())
            {
                return false;
            }

            taken.Add(paths.Current);
        }

        return true;
    }

    private static void Start(BatchWindow window, List<string> paths, Activity? span)
    {
        using ReadObserver.BatchScope within = ReadObserver.Within(span);
        using var together = FlushScope.Begin();
        foreach (string path in paths)
        {
            window.Start(path);
        }
    }
}
