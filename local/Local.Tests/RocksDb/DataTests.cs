using System.Text;
using RocksDbSharp;

namespace Local.Tests.RocksDb;

public sealed class DataTests : IDisposable
{
    private readonly TemporaryDatabase _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Get_AfterReopen_ReturnsWhatWasPut()
    {
        using (var db = _temporary.Open())
        {
            db.Put("a", "1");
            db.Put([1, 2], [3, 4, 5]);
            db.Put("empty"u8, default);
        }

        using var again = _temporary.Open();
        Assert.Equal("1", again.Get("a"));
        Assert.Equal([3, 4, 5], again.Get([1, 2])!);
        Assert.Empty(again.Get("empty"u8)!);
        Assert.Null(again.Get("b"));
    }

    [Fact]
    public void Get_IntoBuffer_CopiesWhatFitsAndSaysTheWholeLength()
    {
        using var db = _temporary.Open();
        db.Put([1], [10, 11, 12]);
        var buffer = new byte[4];

        Assert.Equal(3, db.Get([1], buffer, 2, 2));
        Assert.Equal([0, 0, 10, 11], buffer);
        Assert.Equal(-1, db.Get([2], buffer, 0, 4));
    }

    [Fact]
    public void Get_WithDeserializer_ReadsInPlaceAndDefaultsWhenMissing()
    {
        using var db = _temporary.Open();
        db.Put("k"u8, "value"u8);

        Assert.Equal(5, db.Get("k"u8, new LengthDeserializer()));
        Assert.Equal(0, db.Get("none"u8, new LengthDeserializer()));
    }

    [Fact]
    public void HasKey_PresentAndRemoved_TellsThemApart()
    {
        using var db = _temporary.Open();
        db.Put("k", "v");
        Assert.True(db.HasKey("k"));
        db.Remove("k"u8);
        Assert.False(db.HasKey("k"u8));
    }

    [Fact]
    public void MultiGet_SomeMissing_KeepsOrder()
    {
        using var db = _temporary.OpenFamilies("x");
        var x = db.GetColumnFamily("x");
        db.Put([1], [11]);
        db.Put([2], [22], x);

        var plain = db.MultiGet([[1], [2], [1]]);
        Assert.Equal([11], plain[0].Value);
        Assert.Null(plain[1].Value);
        Assert.Equal([11], plain[2].Value);

        var mixed = db.MultiGet([[1], [2]], [db.GetDefaultColumnFamily(), x]);
        Assert.Equal([11], mixed[0].Value);
        Assert.Equal([22], mixed[1].Value);
    }

    [Fact]
    public void Write_Batch_AppliesEverythingAcrossFamilies()
    {
        using var db = _temporary.OpenFamilies("x");
        var x = db.GetColumnFamily("x");
        foreach (var letter in "abcde")
            db.Put(letter.ToString(), "old", x);

        using var batch = new WriteBatch();
        batch.Put("k"u8, "v"u8).Delete("a"u8, x).DeleteRange("c"u8.ToArray(), 1, "e"u8.ToArray(), 1, x).Put("s", "t");
        Assert.Equal(4, batch.Count());
        db.Write(batch, new WriteOptions().SetSync(true));

        Assert.Equal("v", db.Get("k"));
        Assert.Equal(["b", "e"], Keys(db, x));
        Assert.Equal(0, batch.Clear().Count());
    }

    [Fact]
    public void Iterator_Bounds_SeeOnlyTheRange()
    {
        using var db = _temporary.Open();
        foreach (var letter in "abcdef")
            db.Put(letter.ToString(), letter.ToString().ToUpperInvariant());

        var options = new ReadOptions().SetIterateLowerBound("b").SetIterateUpperBound("e").SetFillCache(false).SetVerifyChecksums(true);
        using var iterator = db.NewIterator(readOptions: options);
        (options as IDisposable)?.Dispose(); // the iterator keeps its bounds

        var seen = new StringBuilder();
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            seen.Append(iterator.StringKey()).Append(Encoding.UTF8.GetString(iterator.GetValueSpan()));
        Assert.Equal("bBcCdD", seen.ToString());

        Assert.Equal("c", iterator.Seek("bb"u8).StringKey());
        Assert.Equal("b", iterator.SeekForPrev("bb").StringKey());
        Assert.Equal("d", iterator.SeekToLast().StringKey());
        Assert.Equal([(byte)'c'], iterator.Prev().Key());
        Native.Instance.rocksdb_iter_get_error(iterator.Handle);
    }

    [Fact]
    public void Iterator_PastTheEnd_RefusesToStepOrRead()
    {
        using var db = _temporary.Open();
        using var iterator = db.NewIterator();
        iterator.SeekToFirst();
        Assert.False(iterator.Valid());
        Assert.Throws<InvalidOperationException>(() => iterator.Next());
        Assert.Throws<InvalidOperationException>(() => iterator.Key());
    }

    [Fact]
    public void Snapshot_LaterWrites_AreNotSeenThroughIt()
    {
        using var db = _temporary.Open();
        db.Put("k", "old");
        var options = new ReadOptions();
        using (var snapshot = db.CreateSnapshot())
        {
            options.SetSnapshot(snapshot);
            db.Put("k", "new");
            Assert.Equal("old", db.Get("k", readOptions: options));
        }

        Assert.Equal("new", db.Get("k"));
        Assert.Throws<ObjectDisposedException>(() => db.Get("k", readOptions: options));
    }

    [Fact]
    public void DisableWal_Flushed_SurvivesReopen()
    {
        var noLog = new WriteOptions().DisableWal(1);
        using (var db = _temporary.Open())
        {
            db.Put("k", "v", writeOptions: noLog);
            db.Flush(new FlushOptions().SetWaitForFlush(true));
            db.CompactRange((string?)null, null);
            Assert.Equal("1", db.GetProperty("rocksdb.estimate-num-keys"));
            Assert.Null(db.GetProperty("rocksdb.no-such-property"));
        }

        using var again = _temporary.Open();
        Assert.Equal("v", again.Get("k"));
    }

    private static List<string> Keys(RocksDbSharp.RocksDb db, ColumnFamilyHandle family)
    {
        var keys = new List<string>();
        using var iterator = db.NewIterator(family);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            keys.Add(iterator.StringKey());
        return keys;
    }

    private sealed class LengthDeserializer : ISpanDeserializer<int>
    {
        public int Deserialize(ReadOnlySpan<byte> buffer) => buffer.Length;
    }
}
