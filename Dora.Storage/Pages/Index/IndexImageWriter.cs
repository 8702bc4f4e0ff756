using System.Buffers;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// Writes an index image (<see cref="ImageFormat"/>) while the index goes on: shard after shard is copied under its lock, which holds up changes of that shard
/// for the time of a copy and lookups not at all, and written at a limited rate.
/// <para>
/// Why nothing acknowledged is missing: the manifest's positions were taken before the first shard is copied, and every record below them was in the index by
/// then. So each copy has it, or it had left. What comes later lies behind the positions, where the scan at start looks.
/// </para>
/// </summary>
/// <param name="device">The disk.</param>
/// <param name="time">The clock of the rate.</param>
/// <param name="bytesPerSecond">The rate; 0 for none.</param>
internal sealed class IndexImageWriter(IPageDevice device, TimeProvider time, long bytesPerSecond)
{
    /// <summary>What the caller's device must have room for: the image of the index as it is now, and some more for what comes while it is written.</summary>
    public static long EstimateBytes(PageIndex index, int segments = ushort.MaxValue + 1)
    {
        long bytes = ImageFormat.StartSize(segments) + ImageFormat.TailSize;
        for (int i = 0; i < ShardHash.Shards; i++)
        {
            (int files, int records) = index.LoadedShard(i).Counts;
            bytes += ImageFormat.FramedSize(new ImageShard(0, 0, files, records, 0).RowBytes);
        }

        return bytes + (bytes / 16);
    }

    /// <summary>Writes an image; the caller gives it its name afterwards, or deletes it.</summary>
    /// <param name="index">The index, all its shards loaded and all below the positions found.</param>
    /// <param name="manifest">What the image is about, from before this call.</param>
    /// <param name="file">An empty file.</param>
    /// <param name="maxBytes">Bytes the file may take.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>Bytes written, or -1 when they would have been more than allowed.</returns>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task<long> WriteAsync(
        PageIndex index, IndexManifest manifest, SafeFileHandle file, long maxBytes, CancellationToken cancellationToken)
    {
        var pace = new Pace(time, bytesPerSecond);
        byte[] start = ImageFormat.WriteStart(manifest);
        long position = start.Length;
        if (position + ImageFormat.TailSize > maxBytes)
        {
            return -1;
        }

        device.Write(file, start, 0);
        var shards = new ImageShard[ShardHash.Shards];
        byte[] block = new byte[ImageFormat.BlockHeadSize + ImageFormat.BlockSize];
        for (int number = 0; number < shards.Length; number++)
        {
            (byte[] rows, ImageShard shard) = Copy(index.LoadedShard(number));
            try
            {
                int length = (int)shard.RowBytes;
                shards[number] = shard with { Position = position, Length = ImageFormat.FramedSize(length) };
                if (position + shards[number].Length + ImageFormat.TailSize > maxBytes)
                {
                    return -1;
                }

                for (int from = 0; from < length; from += ImageFormat.BlockSize)
                {
                    int count = Math.Min(ImageFormat.BlockSize, length - from);
                    rows.AsSpan(from, count).CopyTo(block.AsSpan(ImageFormat.BlockHeadSize));
                    Memory<byte> whole = block.AsMemory(0, ImageFormat.BlockHeadSize + count);
                    ImageFormat.WriteBlockHead(whole.Span, manifest.Generation, number, from / ImageFormat.BlockSize);
                    device.Write(file, whole.Span, position);
                    position += whole.Length;
                    await pace.WaitAsync(whole.Length, cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rows);
            }
        }

        device.Write(file, ImageFormat.WriteTail(manifest.Generation, shards), position);
        return position + ImageFormat.TailSize;
    }

    /// <summary>Copies a shard under its lock; memory for the copy is taken before.</summary>
    private static (byte[] Rows, ImageShard Shard) Copy(IndexShard shard)
    {
        while (true)
        {
            (int files, int records) = shard.Counts;
            byte[] rows = ArrayPool<byte>.Shared.Rent(
                checked((int)new ImageShard(0, 0, files + 64 + (files / 16), records + 64 + (records / 16), 0).RowBytes));
            ImageShard? copied = null;
            shard.Locked(tables =>
            {
                var now = new ImageShard(0, 0, tables.Files.Count, tables.Records.Count, checked((int)shard.Pages));
                if (now.RowBytes <= rows.Length)
                {
                    ShardRows.Write(tables, rows);
                    copied = now;
                }
            });
            if (copied is { } done)
            {
                return (rows, done);
            }

            ArrayPool<byte>.Shared.Return(rows);
        }
    }

    /// <summary>Keeps a rate by waiting when it is some milliseconds ahead.</summary>
    private sealed class Pace(TimeProvider time, long bytesPerSecond)
    {
        private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(5);
        private readonly long _started = time.GetTimestamp();
        private long _bytes;

        public async ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _bytes += bytes;
            if (bytesPerSecond <= 0)
            {
                return;
            }

            TimeSpan ahead = TimeSpan.FromSeconds((double)_bytes / bytesPerSecond) - time.GetElapsedTime(_started);
            if (ahead > Slack)
            {
                await Task.Delay(ahead, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
