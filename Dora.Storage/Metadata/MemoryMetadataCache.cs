using System.Collections.Concurrent;

namespace Dora.Storage.Metadata;

/// <summary>
/// The upper level: bounded by entries and by bytes. Eviction is SIEVE (Zhang et al., NSDI 2024): a first-in-first-out queue and a hand that walks it from old to
/// new, sparing what was read since the hand last passed. A hit only sets a flag, so lookups take no lock and allocate nothing; what a scan brings in is
/// read by nobody and goes first. When full, an addition evicts; nothing is refused.
/// </summary>
internal sealed class MemoryMetadataCache(int maxEntries, long maxBytes, MetadataExpiry expiry)
{
    /// <summary>Metadata, node, dictionary entry and string headers on a 64-bit runtime; the path comes on top at two bytes a character.</summary>
    public const int EntryOverheadBytes = 272;

    private readonly ConcurrentDictionary<FileId, Node> _index = new();
    private readonly Lock _lock = new();
    private Node? _newest;
    private Node? _oldest;
    private Node? _hand;
    private int _entries;
    private long _bytes;

    public int Entries => Volatile.Read(ref _entries);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>A live entry, or <see langword="null"/>. One past its time to live is dropped on the way.</summary>
    public FileMetadata? Get(FileId file)
    {
        if (!_index.TryGetValue(file, out Node? node))
        {
            return null;
        }

        FileMetadata metadata = node.Metadata;
        if (!expiry.IsLive(metadata))
        {
            RemoveIfSame(file, node);
            return null;
        }

        if (!node.Visited)
        {
            node.Visited = true;
        }

        return metadata;
    }

    /// <summary>Adds or replaces, evicting as needed. An entry heavier than the whole cache is not kept.</summary>
    public void Put(FileMetadata metadata)
    {
        lock (_lock)
        {
            // A replaced entry starts anew, unread: a refresh in the background is no reader.
            if (_index.TryRemove(metadata.Id, out Node? old))
            {
                Unlink(old);
            }

            int weight = Weigh(metadata);
            if (weight > maxBytes)
            {
                return;
            }

            while (_entries >= maxEntries || _bytes + weight > maxBytes)
            {
                EvictOne();
            }

            var node = new Node(metadata);
            _index[metadata.Id] = node;
            Link(node);
        }
    }

    public bool Remove(FileId file)
    {
        lock (_lock)
        {
            if (!_index.TryRemove(file, out Node? node))
            {
                return false;
            }

            Unlink(node);
            return expiry.IsLive(node.Metadata);
        }
    }

    /// <summary>Live entries that pass, in no order, each as of the moment it is reached.</summary>
    public IEnumerable<FileMetadata> Where(Func<FileMetadata, bool> filter) =>
        _index.Select(entry => entry.Value.Metadata).Where(metadata => filter(metadata) && expiry.IsLive(metadata));

    private static int Weigh(FileMetadata metadata) => EntryOverheadBytes + (2 * metadata.UfsPath.Length);

    private void RemoveIfSame(FileId file, Node node)
    {
        lock (_lock)
        {
            if (_index.TryRemove(new KeyValuePair<FileId, Node>(file, node)))
            {
                Unlink(node);
            }
        }
    }

    private void EvictOne()
    {
        Node node = _hand ?? _oldest!;
        while (node.Visited)
        {
            node.Visited = false;
            node = node.Newer ?? _oldest!;
        }

        _hand = node; // Unlink moves it on to the next newer one
        _index.TryRemove(new KeyValuePair<FileId, Node>(node.Metadata.Id, node));
        Unlink(node);
    }

    private void Link(Node node)
    {
        node.Older = _newest;
        if (_newest is null)
        {
            _oldest = node;
        }
        else
        {
            _newest.Newer = node;
        }

        _newest = node;
        _entries++;
        _bytes += Weigh(node.Metadata);
    }

    private void Unlink(Node node)
    {
        if (_hand == node)
        {
            _hand = node.Newer;
        }

        if (node.Newer is null)
        {
            _newest = node.Older;
        }
        else
        {
            node.Newer.Older = node.Older;
        }

        if (node.Older is null)
        {
            _oldest = node.Newer;
        }
        else
        {
            node.Older.Newer = node.Newer;
        }

        _entries--;
        _bytes -= Weigh(node.Metadata);
    }

    private sealed class Node(FileMetadata metadata)
    {
        public readonly FileMetadata Metadata = metadata;
        public Node? Newer;
        public Node? Older;
        public volatile bool Visited;
    }
}
