using RocksDbSharp;
using RocksDbSharp.Interop;

namespace Local.Tests.RocksDb;

public sealed class LifetimeTests : IDisposable
{
    private readonly TemporaryDatabase _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Open_Twice_SaysLock()
    {
        using var db = _temporary.Open();
        var refused = Assert.Throws<RocksDbException>(_temporary.Open);
        Assert.Contains("lock", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Open_MissingWithoutCreate_SaysWhatRocksDbSays()
    {
        var refused = Assert.Throws<RocksDbException>(() => RocksDbSharp.RocksDb.Open(new DbOptions(), Path.Combine(_temporary.Path, "none")));
        Assert.Contains("does not exist", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_OpenIterator_ClosesWhenTheIteratorGoes()
    {
        var db = _temporary.OpenFamilies("x");
        db.Put("k", "v", db.GetColumnFamily("x"));
        var iterator = db.NewIterator(db.GetColumnFamily("x"));
        db.Dispose();

        Assert.Equal("v", iterator.SeekToFirst().StringValue());
        Assert.Throws<RocksDbException>(_temporary.Open);
        Assert.Throws<ObjectDisposedException>(() => db.Get("k"));

        iterator.Dispose();
        _temporary.OpenFamilies("x").Dispose();
    }

    [Fact]
    public void Dispose_OptionsOfAnOpenDatabase_HarmsNobody()
    {
        var cache = Cache.CreateLru(1 << 20);
        var table = new BlockBasedTableOptions().SetBlockCache(cache).SetFilterPolicy(BloomFilterPolicy.Create(10, false));
        var options = TemporaryDatabase.CreateOptions().SetBlockBasedTableFactory(table);
        using var db = RocksDbSharp.RocksDb.Open(options, _temporary.Path);
        foreach (var owner in new object[] { cache, table, options })
            (owner as IDisposable)?.Dispose();

        db.Put("k", "v");
        db.Flush(new FlushOptions().SetWaitForFlush(true));
        Assert.Equal("v", db.Get("k"));
        Assert.Throws<ObjectDisposedException>(() => options.SetMaxOpenFiles(10));
    }

    [Fact]
    public void BloomFilterPolicy_GivenTwice_IsRefused()
    {
        var policy = BloomFilterPolicy.Create();
        new BlockBasedTableOptions().SetFilterPolicy(policy);
        Assert.Throws<InvalidOperationException>(() => new BlockBasedTableOptions().SetFilterPolicy(policy));
    }

    [Fact]
    public void Dispose_Twice_IsFine()
    {
        var db = _temporary.Open();
        var batch = new WriteBatch();
        db.Dispose();
        db.Dispose();
        batch.Dispose();
        batch.Dispose();
    }

    [Fact]
    public void Load_NoLibrary_NamesThePackageToInstall()
    {
        var missing = Assert.Throws<DllNotFoundException>(() => LibraryResolver.Load(["librocksdb-absent.so"], typeof(LibraryResolver).Assembly, null));
        Assert.Contains("apt-get install librocksdb7.8", missing.Message, StringComparison.Ordinal);
    }
}
