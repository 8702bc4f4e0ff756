using System.Buffers;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// An index image that was found at start (<see cref="ImageFormat"/>). Opening reads what it is about; a shard is read when it is first needed. Anything
/// wrong with the start or the shard table makes it no image; anything wrong with a shard makes that shard empty, and counts.
/// </summary>
internal sealed class IndexImage : IDisposable
{
    private readonly IPageDevice _device;
    private readonly SafeFileHandle _file;
    private readonly ImageShard[] _shards;
    private readonly Dictionary<ushort, ManifestSegment> _segments;
    private int _badShards;

    private IndexImage(IPageDevice device, SafeFileHandle file, IndexManifest manifest, ImageShard[] shards)
    {
        (_device, _file, _shards, Manifest) = (device, file, shards, manifest);
        _segments = manifest.Segments.ToDictionary(static s => s.Slot);
    }

    public IndexManifest Manifest { get; }

    /// <summary>Shards that could not be loaded: the segments have to be read to find their records.</summary>
    public int BadShards => Volatile.Read(ref _badShards);

    /// <summary>Pages of all shards.</summary>
    public long PageCount => _shards.Sum(static s => (long)s.Pages);

    /// <summary>Opens an image.</summary>
    /// <returns><see langword="false"/> when there is none, or none that can be used.</returns>
    public static bool TryOpen(string path, IPageDevice device, out IndexImage? image)
    {
        image = null;
        SafeFileHandle? file = null;
        try
        {
            file = device.Open(path);
            image = Read(device, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No image, or one on a bad sector: the segments are read instead.
        }

        if (image is null)
        {
            file?.Dispose();
        }

        return image is not null;
    }

    /// <summary>Pages of a shard.</summary>
    public int PagesOf(int shard) => _shards[shard].Pages;

    /// <summary>Fills an empty shard of the index.</summary>
    public void Load(int number, IndexShard shard)
    {
        ImageShard image = _shards[number];
        byte[] framed = ArrayPool<byte>.Shared.Rent((int)image.Length);
        try
        {
            Span<byte> rows = framed.AsSpan(0, (int)image.Length);
            if (_device.Read(_file, rows, image.Position) != rows.Length
                || !TryUnframe(number, ref rows)
                || !ShardRows.AreValid(number, image, rows))
            {
                Interlocked.Increment(ref _badShards);
                return;
            }

            int length = rows.Length;
            shard.Locked(_ => ShardRows.Load(shard, image, framed.AsSpan(0, length), IsKnown));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Interlocked.Increment(ref _badShards);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(framed);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Records behind what the image covers are found by the scan that goes on from there.</summary>
    private bool IsKnown(RecordPlace place) => _segments.TryGetValue(place.Slot, out ManifestSegment segment) && place.Position < segment.CoveredTo;

    private static IndexImage? Read(IPageDevice device, SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        Span<byte> header = stackalloc byte[ImageFormat.HeaderSize];
        if (device.Read(file, header, 0) != header.Length
            || !ImageFormat.TryReadHeader(header, out ulong storeId, out ulong generation, out int count)
            || length < ImageFormat.StartSize(count) + ImageFormat.TailSize)
        {
            return null;
        }

        byte[] bytes = new byte[ImageFormat.StartSize(count) - ImageFormat.HeaderSize];
        byte[] tail = new byte[ImageFormat.TailSize];
        var shards = new ImageShard[ShardHash.Shards];
        return device.Read(file, bytes, ImageFormat.HeaderSize) == bytes.Length
            && ImageFormat.TryReadSegments(bytes, out ManifestSegment[] segments)
            && segments.DistinctBy(static s => s.Slot).Count() == count
            && device.Read(file, tail, length - tail.Length) == tail.Length
            && ImageFormat.TryReadTail(tail, generation, shards)
            && AreInside(shards, ImageFormat.StartSize(count), length - tail.Length)
            ? new IndexImage(device, file, new IndexManifest(storeId, generation, segments), shards)
            : null;
    }

    private static bool AreInside(ImageShard[] shards, long from, long to) => shards.All(s =>
        s.Files >= 0 && s.Records >= 0 && s.Pages >= 0 && s.Position >= from
        && s.Length == ImageFormat.FramedSize(s.RowBytes) && s.Length <= Array.MaxLength && s.Position <= to - s.Length);

    /// <summary>Checks the blocks of a shard and moves their rows together.</summary>
    private bool TryUnframe(int shard, ref Span<byte> bytes)
    {
        (int read, int written) = (0, 0);
        for (int number = 0; read < bytes.Length; number++)
        {
            Span<byte> block = bytes.Slice(read, Math.Min(ImageFormat.BlockHeadSize + ImageFormat.BlockSize, bytes.Length - read));
            if (!ImageFormat.IsBlock(block, Manifest.Generation, shard, number))
            {
                return false;
            }

            block[ImageFormat.BlockHeadSize..].CopyTo(bytes[written..]);
            read += block.Length;
            written += block.Length - ImageFormat.BlockHeadSize;
        }

        bytes = bytes[..written];
        return true;
    }
}
