using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Recovery;

/// <summary>A segment to be read by recovery.</summary>
/// <param name="Segment">The segment; recovery holds it.</param>
/// <param name="From">Where the checkpoint ends.</param>
internal readonly record struct SegmentToScan(Segment Segment, long From);

/// <summary>
/// What must be known before the first request: which segments there are, and which checkpoint goes with them. Reads the header of each segment and the
/// manifest of the checkpoint, no record. A directory whose disk is broken is quarantined, as long as another one works.
/// </summary>
internal sealed class StoreOpening(StoreContext store)
{
    private readonly List<FoundSegment> _found = [];
    private readonly List<(ulong Generation, string Path, PageVolume Volume)> _images = [];
    private readonly List<(PageVolume Volume, Exception Reason)> _broken = [];
    private bool _acceptsBadHeaders;

    /// <summary>The checkpoint; its shards are loaded later.</summary>
    public IndexImage? Image { get; private set; }

    public List<SegmentToScan> ToScan { get; } = [];

    /// <summary>Slots that the checkpoint's entries name and whose segments are gone; free when the checkpoint is loaded.</summary>
    public List<ushort> GoneSlots { get; } = [];

    /// <summary>The number of the newest checkpoint seen, valid or not.</summary>
    public ulong Generation { get; private set; }

    /// <summary>The checkpoint's file.</summary>
    public string? ImagePath { get; private set; }

    /// <summary>What is booked for the checkpoint's file.</summary>
    public long ImageBytes { get; private set; }

    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.Configuration"/>: a directory that cannot be used, data of a newer Dora, unreadable files, or only broken disks.
    /// </exception>
    public void Run(IReadOnlyList<PageVolume> volumes)
    {
        _acceptsBadHeaders = volumes.Count == 1;

        // All headers before the first change: directories of a newer Dora are left as they are.
        var judged = new List<Judged>();
        foreach (PageVolume volume in volumes)
        {
            Try(volume, () =>
            {
                volume.Directory.Lock();
                if (volume.Directory.Mended is { } mended)
                {
                    store.Logger.Mended(mended);
                }

                judged.Add(Judge(volume));
            });
        }

        foreach (Judged directory in judged)
        {
            Try(directory.Volume, () => Prepare(directory));
        }

        ChooseImage([.. volumes.Where(static v => v.Directory.IsPrepared).Select(static v => v.Directory.Id)]);
        foreach (PageVolume volume in volumes)
        {
            Try(volume, () => FitUnderCap(volume));
        }

        Adopt();
        ReportBroken(volumes);
    }

    /// <summary>Judges a locked directory that was broken when the store opened; what Dora has there is for the caller to delete.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: data of a newer Dora, or unreadable files.</exception>
    /// <exception cref="IOException">Its disk is broken still.</exception>
    public void Prepare(PageVolume volume)
    {
        _acceptsBadHeaders = true;
        Prepare(Judge(volume));
    }

    /// <summary>A step for one directory. When its disk is broken, the directory is quarantined and the start goes on without it.</summary>
    private void Try(PageVolume volume, Action step)
    {
        if (volume.Health.IsQuarantined)
        {
            return;
        }

        try
        {
            step();
        }
        catch (Exception e) when (DiskErrors.IsBroken(e))
        {
            volume.Health.TryBreak();
            _broken.Add((volume, e));
            _found.RemoveAll(s => s.Volume == volume);
        }
    }

    private void ReportBroken(IReadOnlyList<PageVolume> volumes)
    {
        if (_broken.Count == volumes.Count)
        {
            string all = string.Join("', '", _broken.Select(static b => b.Volume.Directory.Path));
            string reasons = string.Join("; ", _broken.Select(static b => b.Reason.Message).Distinct());
            throw new DoraException(
                DoraErrorCode.Configuration, $"page directory '{all}' cannot be used ({reasons}): repair it or choose another directory", _broken[0].Reason);
        }

        foreach ((PageVolume volume, Exception reason) in _broken)
        {
            store.Logger.Quarantined(volume.Directory.Path, reason.Message);
        }
    }

    private Judged Judge(PageVolume volume)
    {
        PageDirectoryContent content = volume.Directory.List();
        return new Judged(volume, content, content.Segments.ConvertAll(file => Judge(volume, file.Sequence, file.Path)));
    }

    private FoundSegment Judge(PageVolume volume, ulong sequence, string path)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        using SafeFileHandle file = Open(path);
        int length = 0;
        try
        {
            length = store.Device.Read(file, bytes, 0);
        }
        catch (IOException e) when (_acceptsBadHeaders || !DiskErrors.IsBroken(e))
        {
            // A header on an unreadable sector is a damaged one: it must not keep a worker with this directory alone from starting, nor a directory
            // that takes writes again from coming back.
        }

        SegmentHeaderKind kind = SegmentHeader.Read(bytes[..length], sequence, out SegmentHeader header, out uint format);
        return kind == SegmentHeaderKind.Newer
            ? throw new DoraException(
                DoraErrorCode.Configuration,
                $"data directory '{volume.Directory.Path}' was written by a newer Dora (format {format}, this one knows {SegmentHeader.FormatVersion}): upgrade or choose another directory")
            : new FoundSegment(volume, header, path, kind, RandomAccess.GetLength(file), store.Device.AllocatedBytes(file));
    }

    private SafeFileHandle Open(string path)
    {
        try
        {
            return store.Device.Open(path);
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e) && !DiskErrors.IsBroken(e))
        {
            throw new DoraException(DoraErrorCode.Configuration, $"page segment '{path}' cannot be opened ({e.Message}): make it readable or delete it", e);
        }
    }

    private void Prepare(Judged directory)
    {
        (PageVolume volume, PageDirectoryContent content, List<FoundSegment> segments) = directory;
        content.Foreign.ForEach(store.Logger.Ignored);
        content.Leftovers.ForEach(store.Device.Delete);
        volume.Directory.Identify(segments.Find(static s => s.Kind == SegmentHeaderKind.Valid)?.Header.DirectoryId ?? 0);
        volume.Space.Book(RecordPlace.StepSize);
        foreach ((ulong generation, string path) in content.Images)
        {
            _images.Add((generation, path, volume));
            Generation = Math.Max(Generation, generation);
        }

        int older = 0;
        foreach (FoundSegment segment in segments)
        {
            bool foreign = segment.Kind == SegmentHeaderKind.Foreign
                || (segment.Kind == SegmentHeaderKind.Valid && segment.Header.DirectoryId != volume.Directory.Id);
            if (foreign)
            {
                store.Logger.SetAside(segment.Path, volume.Directory.SetAside(segment.Path));
            }
            else if (segment.Kind == SegmentHeaderKind.Valid)
            {
                store.SawSequence(segment.Header.Sequence);
                _found.Add(segment);
            }
            else
            {
                older += segment.Kind == SegmentHeaderKind.Older ? 1 : 0;
                Interlocked.Add(ref store.Counters.Damaged, segment.Kind == SegmentHeaderKind.Damaged ? 1 : 0);
                store.Device.DeleteEmptied(segment.Path);
            }
        }

        if (older > 0)
        {
            store.Logger.OlderRemoved(volume.Directory.Path, older);
        }

        volume.Directory.IsPrepared = true;
    }

    /// <summary>The newest checkpoint that can be read and is this store's; the others go.</summary>
    private void ChooseImage(HashSet<ulong> ids)
    {
        foreach ((ulong generation, string path, PageVolume volume) in _images.OrderByDescending(static i => i.Generation))
        {
            Try(volume, () => ChooseImage(generation, path, volume, ids));
        }
    }

    private void ChooseImage(ulong generation, string path, PageVolume volume, HashSet<ulong> ids)
    {
        if (Image is null && IndexImage.TryOpen(path, store.Device, out IndexImage? image) && image is not null)
        {
            if (image.Manifest.Generation == generation && ids.Contains(image.Manifest.StoreId))
            {
                (Image, ImagePath, ImageBytes) = (image, path, new FileInfo(path).Length + RecordPlace.StepSize);
                volume.Space.Book(ImageBytes);
                return;
            }

            image.Dispose();
        }

        store.Device.Delete(path);
    }

    /// <summary>The capacity may be smaller than it was: oldest segments first, without a look at what is inside.</summary>
    private void FitUnderCap(PageVolume volume)
    {
        // To the low mark, or eviction would begin at once.
        long room = (long)(volume.Space.Cap * store.Options.LowMark) - volume.Space.Used;
        foreach (FoundSegment segment in _found.Where(s => s.Volume == volume).OrderByDescending(static s => s.Header.Sequence).ToList())
        {
            room -= PageVolume.BookedAtStart(segment.Allocated, segment.Length);
            if (room < 0)
            {
                store.Device.DeleteEmptied(segment.Path);
                _found.Remove(segment);
            }
        }
    }

    private void Adopt()
    {
        Dictionary<(ulong Sequence, ulong Salt), ManifestSegment> known = [];
        foreach (ManifestSegment segment in Image?.Manifest.Segments ?? [])
        {
            if (store.Segments.TryTake(segment.Slot))
            {
                known.Add((segment.Sequence, segment.Salt), segment);
                store.SawSequence(segment.Sequence);
            }
        }

        foreach (FoundSegment found in _found.OrderBy(static s => s.Header.Sequence).ToList())
        {
            Try(found.Volume, () => Adopt(found, known));
        }

        GoneSlots.AddRange(known.Values.Select(static s => s.Slot));
    }

    private void Adopt(FoundSegment found, Dictionary<(ulong Sequence, ulong Salt), ManifestSegment> known)
    {
        // First the file: when the disk refuses that, the segment is one that is gone.
        SafeFileHandle file = Open(found.Path);
        bool listed = known.Remove((found.Header.Sequence, found.Header.Salt), out ManifestSegment segment);
        ushort slot = listed ? segment.Slot : store.Segments.TryTake() ?? throw new DoraException(
            DoraErrorCode.Configuration, "more than 65,536 page segments: set a larger segment size and empty the directories");
        long length = (found.Length + RecordPlace.StepSize - 1) / RecordPlace.StepSize * RecordPlace.StepSize;
        Segment adopted = found.Volume.Adopt(slot, found.Header, found.Path, file, found.Allocated, length);
        ToScan.Add(new SegmentToScan(adopted, listed ? segment.CoveredTo : SegmentHeader.Reserved));
    }

    private sealed record Judged(PageVolume Volume, PageDirectoryContent Content, List<FoundSegment> Segments);

    private sealed record FoundSegment(
        PageVolume Volume, SegmentHeader Header, string Path, SegmentHeaderKind Kind, long Length, long Allocated);
}
