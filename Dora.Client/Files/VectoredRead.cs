using System.Buffers;
using Dora.PageChannel.Codec;

namespace Dora.Client.Files;

/// <summary>
/// Reads several ranges of a file. Small ranges that lie close to each other are fetched with one request and copied apart: a request costs about as much
/// as a few KiB more on the wire. All others are requests of their own, sent together.
/// </summary>
internal static class VectoredRead
{
    public const int MaxRanges = 65_536;

    // Measured on loopback: a request of 4 KiB costs what 4 KiB to 8 KiB more in another request cost.
    private const int MaxGap = 4 * 1024;
    private const int MaxTogether = 64 * 1024;
    private const int InFlight = 64;

    public static async ValueTask<int[]> RunAsync(FileReads reads, OpenFile file, IReadOnlyList<FileRange> ranges, CancellationToken cancellationToken)
    {
        int[] counts = new int[ranges.Count];
        int[] order = new int[ranges.Count];
        int wanted = 0;
        for (int i = 0; i < ranges.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(ranges[i].Offset, nameof(ranges));
            counts[i] = (int)Math.Clamp(file.Length - ranges[i].Offset, 0, ranges[i].Buffer.Length);
            if (counts[i] > 0)
            {
                order[wanted++] = i;
            }
        }

        Array.Sort(order, 0, wanted, Comparer<int>.Create((a, b) => ranges[a].Offset.CompareTo(ranges[b].Offset)));
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task>();
        for (int from = 0; from < wanted;)
        {
            int to = EndOfGroup(ranges, counts, order.AsSpan(0, wanted), from);
            running.Add(ReadGroupAsync(reads, file, ranges, counts, order.AsMemory(from, to - from), failed));
            from = to;
            if (running.Count >= InFlight)
            {
                Task done = await Task.WhenAny(running).ConfigureAwait(false);
                if (!done.IsCompletedSuccessfully)
                {
                    break;
                }

                running.Remove(done);
            }
        }

        // On failure too everything is waited for: nobody writes to the caller's memory afterwards.
        await Task.WhenAll(running).ConfigureAwait(false);
        return counts;
    }

    private static int EndOfGroup(IReadOnlyList<FileRange> ranges, int[] counts, ReadOnlySpan<int> order, int from)
    {
        long start = ranges[order[from]].Offset;
        long end = start + counts[order[from]];
        int to = from + 1;
        for (; to < order.Length; to++)
        {
            long next = ranges[order[to]].Offset;
            long nextEnd = Math.Max(end, next + counts[order[to]]);
            if (next > end + MaxGap || nextEnd - start > MaxTogether)
            {
                break;
            }

            end = nextEnd;
        }

        return to;
    }

    private static async Task ReadGroupAsync(
        FileReads reads, OpenFile file, IReadOnlyList<FileRange> ranges, int[] counts, ReadOnlyMemory<int> group, CancellationTokenSource failed)
    {
        try
        {
            FileRange first = ranges[group.Span[0]];
            if (group.Length == 1)
            {
                await reads.ReadAsync(file, first.Offset, first.Buffer[..counts[group.Span[0]]], ReadFlags.None, failed.Token).ConfigureAwait(false);
                return;
            }

            byte[] together = ArrayPool<byte>.Shared.Rent(MaxTogether);
            int length = 0;
            foreach (int i in group.Span)
            {
                length = Math.Max(length, (int)(ranges[i].Offset - first.Offset) + counts[i]);
            }

            await reads.ReadAsync(file, first.Offset, together.AsMemory(0, length), ReadFlags.None, failed.Token).ConfigureAwait(false);
            foreach (int i in group.Span)
            {
                together.AsSpan((int)(ranges[i].Offset - first.Offset), counts[i]).CopyTo(ranges[i].Buffer.Span);
            }

            ArrayPool<byte>.Shared.Return(together);
        }
        catch
        {
            await failed.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
