using RocksDbSharp;

namespace Local.Tests.RocksDb;

public sealed class ColumnFamilyTests : IDisposable
{
    private readonly TemporaryDatabase _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Families_SameKey_HoldTheirOwnValue()
    {
        using (var db = _temporary.OpenFamilies("x", "y"))
        {
            db.Put("k", "default");
            db.Put("k", "in x", db.GetColumnFamily("x"));
            Assert.Null(db.Get("k", db.GetColumnFamily("y")));
            db.Remove("k", db.GetDefaultColumnFamily());
            Native.Instance.rocksdb_flush_cf(db.Handle, new FlushOptions().SetWaitForFlush(true).Handle, db.GetColumnFamily("x").Handle);
            db.CompactRange((byte[]?)null, null, db.GetColumnFamily("x"));
            Assert.Equal("1", db.GetProperty("rocksdb.estimate-num-keys", db.GetColumnFamily("x")));
        }

        using var again = _temporary.OpenFamilies("x", "y");
        Assert.Equal("in x", again.Get("k", again.GetColumnFamily("x")));
        Assert.Null(again.Get("k"));
    }

    [Fact]
    public void CreateAndDrop_Family_AreListed()
    {
        using (var db = _temporary.OpenFamilies("x"))
        {
            var added = db.CreateColumnFamily(new ColumnFamilyOptions(), "added");
            db.Put("k", "v", added);
            db.DropColumnFamily("x");
            Assert.False(db.TryGetColumnFamily("x", out _));
            Assert.Throws<KeyNotFoundException>(() => db.GetColumnFamily("x"));
        }

        Assert.Equal(["default", "added"], RocksDbSharp.RocksDb.ListColumnFamilies(new DbOptions(), _temporary.Path));
    }

    [Fact]
    public void List_NoDatabase_IsFalseOrThrows()
    {
        var none = Path.Combine(_temporary.Path, "none");
        Assert.False(RocksDbSharp.RocksDb.TryListColumnFamilies(new DbOptions(), none, out var names));
        Assert.Empty(names);
        Assert.Throws<RocksDbException>(() => RocksDbSharp.RocksDb.ListColumnFamilies(new DbOptions(), none));
    }

    [Fact]
    public void GetColumnFamily_OpenedWithoutFamilies_Throws()
    {
        using var db = _temporary.Open();
        Assert.Throws<RocksDbSharpException>(() => db.GetColumnFamily("default"));
    }

    [Fact]
    public void OpenReadOnly_Write_IsRefused()
    {
        using (var db = _temporary.OpenFamilies("x"))
            db.Put("k", "v", db.GetColumnFamily("x"));

        using (var part = RocksDbSharp.RocksDb.OpenReadOnly(new DbOptions(), _temporary.Path, false))
            Assert.Throws<RocksDbException>(() => part.Put("k", "w"));
        using var all = RocksDbSharp.RocksDb.OpenReadOnly(new DbOptions(), _temporary.Path, new ColumnFamilies { { "x", new ColumnFamilyOptions() } }, false);
        Assert.Equal("v", all.Get("k", all.GetColumnFamily("x")));
    }

    [Fact]
    public void OpenWithTtl_Reopened_ReadsItsValues()
    {
        using (var db = RocksDbSharp.RocksDb.OpenWithTtl(TemporaryDatabase.CreateOptions(), _temporary.Path, 3_600))
            db.Put("k", "v");
        using var again = RocksDbSharp.RocksDb.OpenWithTtl(TemporaryDatabase.CreateOptions(), _temporary.Path, 3_600);
        Assert.Equal("v", again.Get("k"));
    }

    [Fact]
    public void DestroyDb_Closed_RemovesTheFiles()
    {
        _temporary.Open().Dispose();
        Native.Instance.rocksdb_destroy_db(new DbOptions().Handle, _temporary.Path);
        Assert.False(File.Exists(Path.Combine(_temporary.Path, "CURRENT")));
    }
}
