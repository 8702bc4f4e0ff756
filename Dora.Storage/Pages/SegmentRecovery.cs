using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>
/// Finds out at start what the segments hold. Reads headers only: payload is checked when it is first read. A segment is read up to the first
/// header that is not right or does not fit in the file, and cut there, so that what is appended later is found again.
/// </summary>
internal sealed class SegmentRecovery(PageDirectory directory, IPageDevice device, SegmentLog log, PageIndex index, ILogger logger)
{
    /// <summary>Records and segments dropped because they were damaged.</summary>
    public long Damaged { get; private set; }

    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: data of a newer Dora, or unreadable files.</exception>
    public void Run()
    {
        (List<(ulong Sequence, string Path)> files, List<string> foreign) = directory.List();
        foreign.ForEach(logger.Ignored);

        // All headers before the first change: a directory of a newer Dora is left as it is.
        List<(ulong Sequence, string Path, SegmentHeaderKind Kind)> judged = files.ConvertAll(f => (f.Sequence, f.Path, Judge(f.Sequence, f.Path)));
        foreach ((ulong sequence, string path, SegmentHeaderKind kind) in judged)
        {
            switch (kind)
            {
                case SegmentHeaderKind.Valid:
                    Scan(sequence, path);
                    break;
                case SegmentHeaderKind.Foreign:
                    logger.SetAside(path, directory.SetAside(path));
                    break;
                default:
                    Damaged++;
                    device.Delete(path);
                    break;
            }
        }
    }

    private SegmentHeaderKind Judge(ulong sequence, string path)
    {
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        using SafeFileHandle file = Open(path);
        int length = ReadHead(file, header, 0);
        SegmentHeaderKind kind = SegmentHeader.Read(header[..length], sequence, out uint format);
        return kind == SegmentHeaderKind.Newer
            ? throw new DoraException(
                DoraErrorCode.Configuration,
                $"data directory '{directory.Path}' was written by a newer Dora (format {format}, this one knows {SegmentHeader.FormatVersion}): upgrade or choose another directory")
            : kind;
    }

    /// <summary>A head on an unreadable sector is a damaged one: it must not keep the worker from starting.</summary>
    private int ReadHead(SafeFileHandle file, Span<byte> head, long position)
    {
        try
        {
            return device.Read(file, head, position);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private SafeFileHandle Open(string path)
    {
        try
        {
            return device.Open(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"page segment '{path}' cannot be opened ({e.Message}): make it readable or delete it", e);
        }
    }

    private void Scan(ulong sequence, string path)
    {
        Segment segment = log.Wrap(sequence, path, Open(path));
        long fileLength = RandomAccess.GetLength(segment.File);
        Span<byte> head = stackalloc byte[RecordHeader.MaxHeadSize];
        Span<uint> blockCrcs = stackalloc uint[RecordHeader.MaxHeadSize / sizeof(uint)];
        while (segment.Length < fileLength)
        {
            int read = ReadHead(segment.File, head, segment.Length);
            if (!TryParse(head[..read], segment.Length, fileLength, blockCrcs, out RecordHeader header))
            {
                Cut(segment);
                break;
            }

            if (header.Kind == RecordKind.Extent)
            {
                var record = new PageRecord(segment, header, blockCrcs[..header.Blocks]);
                segment.Records.Add(record);
                index.Add(record);
            }

            segment.Length += header.RecordSize;
        }

        log.Adopt(segment);
    }

    private static bool TryParse(ReadOnlySpan<byte> head, long position, long fileLength, Span<uint> blockCrcs, out RecordHeader header)
    {
        // The last record's padding may be missing; its payload may not.
        if (!RecordHeader.TryRead(head, position, out header) || head.Length < header.HeadSize || position + header.HeadSize + header.Length > fileLength)
        {
            return false;
        }

        ReadOnlySpan<byte> table = head.Slice(RecordHeader.Size, header.Blocks * sizeof(uint));
        for (int i = 0; i < header.Blocks; i++)
        {
            blockCrcs[i] = BinaryPrimitives.ReadUInt32LittleEndian(table[(i * sizeof(uint))..]);
        }

        return Crc32C.Compute(table) == header.TableCrc;
    }

    private void Cut(Segment segment)
    {
        Damaged++;
        logger.TailCut(segment.Path, segment.Length);
        device.Cut(segment.File, segment.Length);
    }
}
