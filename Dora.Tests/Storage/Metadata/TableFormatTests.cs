using System.Buffers.Binary;
using Dora.Storage.Metadata;
using RocksDbSharp;

namespace Dora.Tests.Storage.Metadata;

/// <summary>Tables of RocksDB as the version before wrote them (table format 5) are read, and replaced by newer ones as they are rewritten.</summary>
public sealed class TableFormatTests : IDisposable
{
    private const uint Before = 5;

    /// <summary>The last eight bytes of every block-based table.</summary>
    private const ulong TableMagic = 0x88E241B785F4CFF7;

    private static readonly string[] Families = [MetadataDirectory.Files, MetadataDirectory.Paths, MetadataDirectory.Meta];

    private readonly MetadataFixture _fixture = new();

    private string Root => _fixture.Options.Directory;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Open_TablesOfTheFormatBefore_AreReadAndRewritten()
    {
        FileMetadata[] files = [.. Enumerable.Range(0, 1000).Select(i => _fixture.File($"file:///data/{i}", i))];
        WriteInFormatBefore(files);
        Assert.All(TableFormats(), static format => Assert.Equal(Before, format));

        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            Assert.All(files, file => Assert.Equal(file, disk.Get(file.Id)));
            Assert.Equal(files.Length, disk.ScanUnder("file:///data").Count());
            Assert.Null(disk.TryPut(_fixture.File("file:///data/0", 5)));
        }

        using (RocksMetadataStore again = _fixture.OpenDisk())
        {
            Assert.Equal(5, again.Get(FileId.FromUfsPath("file:///data/0"))!.Length);
            Assert.Equal(files.Length, again.ScanUnder("file:///data").Count());
        }

        // When it is closed: an open one rewrites tables in the background, and they go while they are looked at.
        Assert.Contains(TableFormats(), static format => format > Before);
        Assert.Empty(_fixture.SetAside);
        Assert.Empty(_fixture.Lines);
    }

    private uint[] TableFormats()
    {
        uint[] formats = [.. Directory.GetFiles(Root, "*.sst").Select(static path =>
        {
            ReadOnlySpan<byte> footer = File.ReadAllBytes(path).AsSpan()[^12..];
            Assert.Equal(TableMagic, BinaryPrimitives.ReadUInt64LittleEndian(footer[4..]));
            return BinaryPrimitives.ReadUInt32LittleEndian(footer);
        })];
        Assert.NotEmpty(formats);
        return formats;
    }

    private void WriteInFormatBefore(FileMetadata[] files)
    {
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            Assert.Null(disk.TryPutMany(files));
        }

        Dictionary<string, List<(byte[] Key, byte[] Value)>> content = [];
        using (var directory = new MetadataDirectory(_fixture.Options, _fixture.Time, _fixture))
        using (RocksDb now = directory.Open())
        {
            foreach (string family in Families)
            {
                using Iterator all = now.NewIterator(now.GetColumnFamily(family));
                List<(byte[] Key, byte[] Value)> entries = content[family] = [];
                for (all.SeekToFirst(); all.Valid(); all.Next())
                {
                    entries.Add((all.Key(), all.Value()));
                }
            }
        }

        Directory.Delete(Root, recursive: true);
        var families = new ColumnFamilies();
        foreach (string family in Families)
        {
            families.Add(family, new ColumnFamilyOptions().SetBlockBasedTableFactory(new BlockBasedTableOptions().SetFormatVersion((int)Before)));
        }

        using RocksDb before = RocksDb.Open(new DbOptions().SetCreateIfMissing().SetCreateMissingColumnFamilies(), Root, families);
        FlushOptions wait = new FlushOptions().SetWaitForFlush(true);
        foreach ((string family, List<(byte[] Key, byte[] Value)> entries) in content)
        {
            ColumnFamilyHandle handle = before.GetColumnFamily(family);
            entries.ForEach(e => before.Put(e.Key, e.Value, handle));
            Native.Instance.rocksdb_flush_cf(before.Handle, wait.Handle, handle.Handle);
        }

        GC.KeepAlive(wait); // its finalizer would free it under the native call
    }
}
