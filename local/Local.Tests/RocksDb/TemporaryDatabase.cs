using RocksDbSharp;

namespace Local.Tests.RocksDb;

/// <summary>A folder for one database, removed with everything in it.</summary>
public sealed class TemporaryDatabase : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dora-rocksdb-").FullName;

    public static DbOptions CreateOptions() => new DbOptions().SetCreateIfMissing().SetCreateMissingColumnFamilies();

    public RocksDbSharp.RocksDb Open() => RocksDbSharp.RocksDb.Open(CreateOptions(), Path);

    public RocksDbSharp.RocksDb OpenFamilies(params string[] names)
    {
        var families = new ColumnFamilies();
        foreach (var name in names)
            families.Add(name, new ColumnFamilyOptions());
        return RocksDbSharp.RocksDb.Open(CreateOptions(), Path, families);
    }

    public void Dispose()
    {
        if (Directory.Exists(Path)) // a destroyed database takes its folder with it
            Directory.Delete(Path, recursive: true);
    }
}
