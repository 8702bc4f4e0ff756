using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.Records;

/// <summary>A volume's records in physical order. The list of a segment may name records that left; the index knows.</summary>
internal sealed class RecordWalk(PageVolume volume, IPageIndex index, MountLedger mounts) : IRecordWalk
{
    /// <summary>So much of what was put last is not shown, at most: whoever put it is about to read it.</summary>
    private const long MaxSpared = 4L * 1024 * 1024;

    public long Count => volume.Records;

    /// <summary>Whether what was put last is passed over. Guarded by the evictor's turn.</summary>
    public bool SparesNewest { get; set; } = true;

    public bool TryNext(ref RecordHand hand, out EvictionCandidate candidate)
    {
        long laps = hand.Laps;
        while (hand.Laps - laps < 2)
        {
            if (TryNextRecord(ref hand, out candidate, out IndexedRecord record) && MayGo(hand, candidate, record))
            {
                return true;
            }
        }

        candidate = default;
        return false;
    }

    /// <summary>As <see cref="TryNext"/>, pinned records too, and not beyond the newest: <see langword="false"/> when a lap ended.</summary>
    public bool TryNextRecord(ref RecordHand hand, out EvictionCandidate candidate, out IndexedRecord record)
    {
        Segment[] segments = volume.Segments;
        for (int i = SegmentList.IndexOf(segments, hand.Sequence); i < segments.Length; i++)
        {
            Segment segment = segments[i];
            (hand.Sequence, hand.NextStep) = (segment.Sequence, segment.Sequence == hand.Sequence ? hand.NextStep : 0);
            while (segment.Records.TryNext(hand.NextStep, out SegmentEntry entry))
            {
                hand.NextStep = entry.Step + 1;
                var place = new RecordPlace(segment.Slot, entry.Step);
                if (index.TryGet(entry.Id, place, out PageKey page, out record))
                {
                    candidate = new EvictionCandidate(entry.Id, place, page, RecordHeader.SizeOf(record.Length));
                    return true;
                }
            }
        }

        (candidate, record) = (default, default);
        (hand.Sequence, hand.NextStep, hand.Laps) = (0, 0, hand.Laps + 1);
        return false;
    }

    public ref byte State(RecordId id) => ref index.State(id);

    /// <summary>Whether a record that a hand stands on is neither pinned nor put a moment ago.</summary>
    public bool MayGo(in RecordHand hand, in EvictionCandidate candidate, in IndexedRecord record) => !(record.Pinned && mounts.PinsHold) && !IsSpared(hand, candidate.Bytes);

    private bool IsSpared(in RecordHand hand, int bytes) =>
        SparesNewest && NewerBytes(hand) - bytes < Math.Min(MaxSpared, volume.Space.Cap / 8);

    public long NewerBytes(in RecordHand hand)
    {
        Segment[] segments = volume.Segments;
        int at = SegmentList.IndexOf(segments, hand.Sequence);
        if (at == segments.Length)
        {
            return segments.Length == 0 || hand.Sequence > 0 ? 0 : volume.Appended;
        }

        Segment segment = segments[at];
        long inside = segment.Sequence == hand.Sequence ? (long)hand.NextStep * RecordPlace.StepSize : 0;
        return Math.Max(volume.Appended - segment.Base - inside, 0);
    }

    public RecordHand At(long newerBytes)
    {
        Segment[] segments = volume.Segments;
        long target = volume.Appended - newerBytes;
        for (int i = segments.Length - 1; i >= 0; i--)
        {
            if (segments[i].Base <= target)
            {
                return new RecordHand { Sequence = segments[i].Sequence, NextStep = (uint)((target - segments[i].Base) / RecordPlace.StepSize) };
            }
        }

        return default;
    }
}
