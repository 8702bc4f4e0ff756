using Dora.Storage.Pages.Records;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>What an index must say, in plain dictionaries.</summary>
internal sealed class IndexModel
{
    private const int Grid = PageGeometry.ExtentGrid;

    public Dictionary<FileId, ModelFile> Files { get; } = [];

    public IEnumerable<(PageKey Page, IndexedRecord Record)> All => Files.SelectMany(
        static f => f.Value.Records.Select(r => (new PageKey(f.Key, f.Value.Version, r.Page), f.Value.Mark(r.Record))));

    public long PageCount => Files.Values.Sum(static f => f.Records.Select(static r => r.Page).Distinct().LongCount());

    public IndexedRecord? Find(PageKey page, int offset) => OfPage(page)
        .Where(r => r.Offset <= offset && r.End > offset)
        .OrderByDescending(static r => r.End)
        .Cast<IndexedRecord?>()
        .FirstOrDefault();

    public int Covered(PageKey page, int offset, int length)
    {
        int position = offset;
        while (position < offset + length && Find(page, position) is { } record)
        {
            position = record.End;
        }

        return Math.Min(position - offset, length);
    }

    /// <summary>Adds a record as a put does.</summary>
    /// <returns>The places that left, or <see langword="null"/> when nothing changed.</returns>
    public List<RecordPlace>? Add(PageKey page, IndexedRecord record)
    {
        List<RecordPlace> left = [];
        if (Files.TryGetValue(page.File, out ModelFile? file) && file.Version != page.Version)
        {
            left.AddRange(file.Records.Select(static r => r.Record.Place));
            Files.Remove(page.File);
            file = null;
        }

        if (file is null)
        {
            Files[page.File] = file = new ModelFile(page.Version, record.Mount, record.Pinned);
        }
        else if (Covered(page, record.Offset, record.Length) == record.Length)
        {
            return null;
        }

        var inside = file.Records.Where(r => r.Page == page.Index && r.Record.Offset >= record.Offset && r.Record.End <= record.End).ToList();
        inside.ForEach(r => file.Records.Remove(r));
        left.AddRange(inside.Select(static r => r.Record.Place));
        file.Records.Add((page.Index, record));
        return left;
    }

    public List<RecordPlace> Remove(FileId id, Func<uint, IndexedRecord, bool> condition)
    {
        if (!Files.TryGetValue(id, out ModelFile? file))
        {
            return [];
        }

        var left = file.Records.Where(r => condition(r.Page, r.Record)).ToList();
        left.ForEach(r => file.Records.Remove(r));
        if (file.Records.Count == 0)
        {
            Files.Remove(id);
        }

        return [.. left.Select(static r => r.Record.Place)];
    }

    /// <summary>A record somewhere in a page.</summary>
    public static IndexedRecord Record(Random random, RecordPlace place)
    {
        int first = random.Next(16);
        int blocks = random.Next(1, 17 - first);
        int tail = random.Next(4) == 0 ? random.Next(1, Grid) : Grid;
        return new IndexedRecord(
            place, first * Grid, ((blocks - 1) * Grid) + tail, (ushort)random.Next(3), random.Next(5) == 0, (uint)random.Next(), 0);
    }

    private IEnumerable<IndexedRecord> OfPage(PageKey page) => Files.TryGetValue(page.File, out ModelFile? file) && file.Version == page.Version
        ? file.Records.Where(r => r.Page == page.Index).Select(r => file.Mark(r.Record))
        : [];

    internal sealed class ModelFile(FileVersion version, ushort mount, bool pinned)
    {
        public FileVersion Version { get; } = version;

        public bool Pinned { get; set; } = pinned;

        public List<(uint Page, IndexedRecord Record)> Records { get; } = [];

        /// <summary>Mount and pin are the file's.</summary>
        public IndexedRecord Mark(IndexedRecord record) => record with { Mount = mount, Pinned = Pinned };
    }
}
