using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Recovery;

/// <summary>
/// Writes the index to one of the directories, from time to time while pages change, and at close. The newest one counts. Its bytes are under the cap:
/// the ledger promises them first, and old and new lie side by side for a moment.
/// </summary>
internal sealed class Checkpointer(StoreContext store, PageIndex index, VolumeSet volumes)
{
    /// <summary>Bytes per second while serving: the index of 10 million pages in ten seconds.</summary>
    private const long Pace = 64L * 1024 * 1024;

    private readonly IndexImageWriter _writer = new(store.Device, store.Time, Pace);
    private readonly IndexImageWriter _closingWriter = new(store.Device, store.Time, bytesPerSecond: 0);
    private (string Path, PageVolume Volume, long Booked, long Quarantines)? _last;
    private ulong _generation;
    private long _since = store.Time.GetTimestamp();
    private long _appended = -1;

    /// <summary>Checkpoints written since start.</summary>
    public int Written { get; private set; }

    /// <summary>Goes on behind what was found at start.</summary>
    public void Adopt(StoreOpening opening)
    {
        _generation = opening.Generation;
        if (opening.ImagePath is { } path)
        {
            PageVolume volume = volumes.All.Select(static e => e.Volume).First(v => Path.GetDirectoryName(path) == Path.GetDirectoryName(v.Directory.ImagePath(0)));
            _last = (path, volume, opening.ImageBytes, 0);
        }
    }

    public bool IsDue() => store.Time.GetElapsedTime(_since) >= store.Options.CheckpointInterval && Changes() != _appended;

    /// <summary>Writes a checkpoint. <see langword="false"/> when there was no room or the disk refused: the one before stays.</summary>
    public async Task<bool> TryWriteAsync(bool closing, CancellationToken cancellationToken)
    {
        _since = store.Time.GetTimestamp();
        long changes = Changes();
        long bytes = IndexImageWriter.EstimateBytes(index, volumes.All.Sum(static e => e.Volume.Segments.Length) + 64) + (2 * RecordPlace.StepSize);
        foreach (VolumeEvictor evictor in volumes.All)
        {
            PageVolume volume = evictor.Volume;
            if (volume.Health.IsGood && TryTake(evictor, bytes))
            {
                try
                {
                    await WriteAsync(volume, bytes, closing ? _closingWriter : _writer, cancellationToken).ConfigureAwait(false);
                    _appended = changes;
                    Written++;
                    return true;
                }
                catch (Exception e) when (DiskErrors.IsFromDisk(e))
                {
                    volume.Failures.Add(e);
                    volumes.Failed(volume, e);
                }
            }
        }

        return false;
    }

    private static bool TryTake(VolumeEvictor evictor, long bytes)
    {
        SpaceLedger space = evictor.Volume.Space;

        // A checkpoint is not worth more than an eighth of the pages.
        return bytes <= space.Cap / 8 && (space.TryTake(bytes) || (evictor.MakeRoom(bytes) && space.TryTake(bytes)));
    }

    private async Task WriteAsync(PageVolume volume, long taken, IndexImageWriter writer, CancellationToken cancellationToken)
    {
        ulong generation = ++_generation;
        string temporary = volume.Directory.TemporaryPath(generation);
        string path = volume.Directory.ImagePath(generation);
        long booked = 0;
        try
        {
            using (SafeFileHandle file = store.Device.Create(temporary))
            {
                long written = await writer.WriteAsync(index, Manifest(volume.Directory.Id, generation), file, taken - RecordPlace.StepSize, cancellationToken).ConfigureAwait(false);
                if (written < 0)
                {
                    throw new IOException("the index grew while it was written");
                }

                store.Device.Flush(file);
                booked = Math.Min(taken, store.Device.AllocatedBytes(file) + RecordPlace.StepSize);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            volume.Space.Book(-taken);
            throw;
        }

        volume.Space.Book(booked - taken);
        if (_last is { } last)
        {
            // A directory that was quarantined meanwhile has booked it out with everything else.
            TryDelete(last.Path);
            last.Volume.Space.Book(last.Volume.Health.Quarantines == last.Quarantines ? -last.Booked : 0);
        }

        _last = (path, volume, booked, volume.Health.Quarantines);
        store.Logger.CheckpointWritten(path, booked);
    }

    private void TryDelete(string path)
    {
        try
        {
            store.Device.Delete(path);
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            // An older checkpoint beside a newer one is removed by the next start.
            store.Logger.Left(path, e.Message);
        }
    }

    /// <summary>The segments as they are before the first shard is written.</summary>
    private IndexManifest Manifest(ulong id, ulong generation) => new(
        id,
        generation,
        [.. volumes.All.Where(static e => e.Volume.Health.IsGood).SelectMany(static e => e.Volume.Segments.Select(
            s => new ManifestSegment(s.Slot, s.Sequence, s.Salt, e.Volume.CoveredTo(s))))]);

    private long Changes() => volumes.All.Sum(static e => e.Volume.Appended + e.Volume.Records);
}
