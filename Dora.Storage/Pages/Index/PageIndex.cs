using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// The index in memory: 24 bytes per record, 32 per file, 1.3 per file for its buckets (and 2.7 per record of a file with more than four), in
/// <see cref="ShardHash.Shards"/> shards by file. No object per page, nothing for the garbage collector to walk. docs/page-store-index.md counts the bytes.
/// </summary>
internal sealed class PageIndex : IPageIndex
{
    private const int SlotBits = 23;

    private readonly IndexShard[] _shards = new IndexShard[ShardHash.Shards];
    private readonly bool[] _isLoaded = new bool[ShardHash.Shards];
    private readonly Lock[] _loading = new Lock[ShardHash.Shards];
    private readonly SegmentOrders _orders = new();
    private readonly IndexImage? _image;

    /// <param name="observer">Hears of records and readers.</param>
    /// <param name="image">What a run before knew, or <see langword="null"/>; its shards are loaded when they are first needed. Stays the caller's.</param>
    public PageIndex(IIndexObserver observer, IndexImage? image)
    {
        _image = image;
        foreach (ManifestSegment segment in image?.Manifest.Segments ?? [])
        {
            _orders.Set(segment.Slot, segment.Sequence);
        }

        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new IndexShard(i, observer, _orders);
            _loading[i] = new Lock();
            _isLoaded[i] = image is null;
        }
    }

    public long PageCount
    {
        get
        {
            long pages = 0;
            for (int i = 0; i < _shards.Length; i++)
            {
                pages += Volatile.Read(ref _isLoaded[i]) ? _shards[i].Pages : _image!.PagesOf(i);
            }

            return pages;
        }
    }

    public long MemoryBytes => _shards.Sum(static s => s.MemoryBytes) + SegmentOrders.MemoryBytes;

    public bool TryFind(in PageKey page, int offset, out RecordId id, out IndexedRecord record) =>
        ShardOf(page.File).TryFind(page, offset, out id, out record);

    public bool TryFindNow(in PageKey page, int offset, out RecordId id, out IndexedRecord record)
    {
        int number = ShardHash.ShardOf(page.File);
        if (Volatile.Read(ref _isLoaded[number]))
        {
            return _shards[number].TryFindNow(page, offset, out id, out record);
        }

        (id, record) = (default, default);
        return false;
    }

    public int Covered(in PageKey page, int offset, int length) => ShardOf(page.File).Covered(page, offset, length);

    public void SetVerified(RecordId id, RecordPlace place, ushort blocks) => ShardOf(id).SetVerified(id, place, blocks);

    public ref byte State(RecordId id) => ref ShardOf(id).State(id);

    public IndexAddOutcome Add(
        in PageKey page, in IndexedRecord record, byte state, ulong order, bool recovered, List<DroppedRecord> dropped) =>
        ShardOf(page.File).Add(page, record, state, order, recovered, dropped);

    public bool TryGet(RecordId id, RecordPlace place, out PageKey page, out IndexedRecord record) => ShardOf(id).TryGet(id, place, out page, out record);

    public bool TryRemove(RecordId id, RecordPlace place, out DroppedRecord dropped) => ShardOf(id).TryRemove(id, place, out dropped);

    public bool TryMove(RecordId id, RecordPlace from, RecordPlace to, ulong order) => ShardOf(id).TryMove(id, from, to, order);

    public void RemovePage(in PageKey page, List<DroppedRecord> dropped) => ShardOf(page.File).RemovePage(page, dropped);

    public void RemoveFile(FileId file, FileVersion keep, List<DroppedRecord> dropped) => ShardOf(file).RemoveFile(file, keep, dropped);

    public long SetPinned(FileId file, bool pinned) => ShardOf(file).SetPinned(file, pinned);

    public HeldPages Held(FileId file, Func<IndexedRecord, bool> counts) => ShardOf(file).Held(file, counts);

    public void LoadAll(CancellationToken cancellationToken)
    {
        for (int i = 0; i < _shards.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LoadedShard(i);
        }
    }

    /// <summary>A shard by number, loaded.</summary>
    public IndexShard LoadedShard(int number)
    {
        if (!Volatile.Read(ref _isLoaded[number]))
        {
            Load(number);
        }

        return _shards[number];
    }

    private IndexShard ShardOf(FileId file) => LoadedShard(ShardHash.ShardOf(file));

    private IndexShard ShardOf(RecordId id) => LoadedShard((int)(id.Value >> SlotBits) & (ShardHash.Shards - 1));

    private void Load(int number)
    {
        lock (_loading[number])
        {
            if (!_isLoaded[number])
            {
                _image!.Load(number, _shards[number]);
                Volatile.Write(ref _isLoaded[number], true);
            }
        }
    }
}
