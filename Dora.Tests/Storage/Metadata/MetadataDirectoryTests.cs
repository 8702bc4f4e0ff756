using Dora.Storage.Metadata;
using Microsoft.Extensions.Logging;
using RocksDbSharp;

namespace Dora.Tests.Storage.Metadata;

public sealed class MetadataDirectoryTests : IDisposable
{
    private readonly MetadataFixture _fixture = new();

    private string Root => _fixture.Options.Directory;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Open_UsedByAnother_SaysSo()
    {
        using RocksMetadataStore first = _fixture.OpenDisk();
        DoraException refused = Assert.Throws<DoraException>(_fixture.OpenDisk);
        Assert.Equal(DoraErrorCode.Configuration, refused.Code);
        Assert.Contains($"{Root} is already used by another worker", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.SetAside);
    }

    [Fact]
    public void Open_UsedByAnotherAndMarkedDamaged_IsNotMovedAway()
    {
        using RocksMetadataStore first = _fixture.OpenDisk();
        first.MarkForRebuild();
        Assert.Throws<DoraException>(_fixture.OpenDisk);
        Assert.Empty(_fixture.SetAside);
    }

    [Fact]
    public void Open_NewerFormat_NamesBothFormatsAndLeavesItAlone()
    {
        Fill();
        var families = new ColumnFamilies
        {
            { MetadataDirectory.Files, new ColumnFamilyOptions() },
            { MetadataDirectory.Paths, new ColumnFamilyOptions() },
            { MetadataDirectory.Meta, new ColumnFamilyOptions() },
        };
        using (RocksDb db = RocksDb.Open(new DbOptions(), Root, families))
        {
            db.CreateColumnFamily(new ColumnFamilyOptions(), "of-the-future");
            db.Put(MetadataDirectory.FormatKey, "3"u8, db.GetColumnFamily(MetadataDirectory.Meta));
        }

        DoraException refused = Assert.Throws<DoraException>(_fixture.OpenDisk);
        Assert.Equal(DoraErrorCode.Configuration, refused.Code);
        Assert.Equal($"data directory {Root} was written by a newer Dora (format 3, this one reads up to 2): upgrade or choose another directory", refused.Message);
        Assert.Empty(_fixture.SetAside);
    }

    [Theory]
    [InlineData("CURRENT")]
    [InlineData("MANIFEST-*")]
    [InlineData("*.sst")]
    public void Open_FileLost_SetsTheDirectoryAsideAndStartsEmpty(string pattern) => AssertSetAside(pattern, File.Delete);

    [Theory]
    [InlineData("CURRENT")]
    [InlineData("MANIFEST-*")]
    [InlineData("*.sst")]
    public void Open_FileOverwritten_SetsTheDirectoryAsideAndStartsEmpty(string pattern) =>
        AssertSetAside(pattern, static path => File.WriteAllBytes(path, new byte[100]));

    [Fact]
    public void Open_UnreadableFormat_SetsTheDirectoryAside() => AssertSetAside("CURRENT", _ => WriteFormat("x"u8));

    [Fact]
    public void Open_OlderFormat_SetsTheDirectoryAside()
    {
        AssertSetAside("CURRENT", _ => WriteFormat("1"u8));
        Assert.Contains("it has the older format 1, this version writes 2", _fixture.Lines[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DamagedAgain_KeepsOnlyTheLatest()
    {
        for (int i = 0; i < 3; i++)
        {
            Fill();
            File.WriteAllText(Path.Combine(Root, "CURRENT"), "garbage");
            _fixture.Time.Advance(TimeSpan.FromSeconds(2));
            _fixture.OpenDisk().Dispose();
        }

        Assert.EndsWith("metadata.damaged-20260102T030411Z", Assert.Single(_fixture.SetAside), StringComparison.Ordinal);
    }

    [Fact]
    public void Get_DamagedBlock_IsAMissAndTheNextStartRebuilds()
    {
        Fill();
        string table = Directory.GetFiles(Root, "*.sst").OrderByDescending(static f => new FileInfo(f).Length).First();
        using (FileStream file = File.OpenWrite(table))
        {
            file.Write(new byte[256]); // a data block; the table's own footer and index are at its end
        }

        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            Assert.Null(disk.Get(FirstId()));
            Assert.Null(disk.Get(FirstId()));
            (LogLevel level, string line) = Assert.Single(_fixture.Lines);
            Assert.Equal(LogLevel.Error, level);
            Assert.Contains("damaged block", line, StringComparison.Ordinal);
        }

        _fixture.OpenDisk().Dispose();
        Assert.Single(_fixture.SetAside);
    }

    [Theory]
    [InlineData("scan")]
    [InlineData("sweep")]
    [InlineData("warm-up")]
    public void Iterator_DamagedBlocks_AreNotedAndTheNextStartRebuilds(string iteration)
    {
        Fill();
        foreach (string table in Directory.GetFiles(Root, "*.sst").OrderByDescending(static f => new FileInfo(f).Length).Take(2))
        {
            using FileStream file = File.OpenWrite(table);
            file.Write(new byte[256]); // the first data block of files and of paths; the third table is the directory's format
        }

        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            FileId from = default;
            int found = iteration switch
            {
                "scan" => disk.ScanUnder("file:///data").Count(),
                "sweep" => disk.FindExpired(ref from, 10_000).Count,
                _ => disk.ReadOn(ref from, 10_000, []) ? 1 : 0,
            };

            Assert.Equal(0, found);
            (LogLevel level, string line) = Assert.Single(_fixture.Lines);
            Assert.Equal(LogLevel.Error, level);
            Assert.Contains("damaged block", line, StringComparison.Ordinal);
        }

        _fixture.OpenDisk().Dispose();
        Assert.Single(_fixture.SetAside);
    }

    [Fact]
    public void Open_DirectoryIsAFile_IsOneClearLine()
    {
        File.WriteAllText(Root, "");
        DoraException refused = Assert.Throws<DoraException>(_fixture.OpenDisk);
        Assert.Equal(DoraErrorCode.Configuration, refused.Code);
        Assert.StartsWith($"data directory {Root} cannot be used: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Open_FullDisk_IsOneClearLine()
    {
        Fill();
        var directory = new MetadataDirectory(_fixture.Options, _fixture.Time, _fixture, static _ => MetadataDirectory.MinimumFreeBytes - 1);
        DoraException refused = Assert.Throws<DoraException>(directory.Open);
        Assert.Equal(DoraErrorCode.Configuration, refused.Code);
        Assert.Contains($"{Root} is on a full disk (8,388,607 bytes free", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.SetAside);
    }

    [Fact]
    public void Validate_SeveralWrong_NamesAll()
    {
        var options = new MetadataStoreOptions { Directory = " ", TimeToLive = TimeSpan.Zero, MemoryEntries = 0 };
        DoraException refused = Assert.Throws<DoraException>(options.Validate);
        Assert.Equal("metadata store: Directory must be a path; TimeToLive must be above zero; MemoryEntries must be 1 or more", refused.Message);
    }

    private void WriteFormat(ReadOnlySpan<byte> format)
    {
        var families = new ColumnFamilies
        {
            { MetadataDirectory.Files, new ColumnFamilyOptions() },
            { MetadataDirectory.Paths, new ColumnFamilyOptions() },
            { MetadataDirectory.Meta, new ColumnFamilyOptions() },
        };
        using RocksDb db = RocksDb.Open(new DbOptions(), Root, families);
        db.Put(MetadataDirectory.FormatKey, format, db.GetColumnFamily(MetadataDirectory.Meta));
    }

    private static FileId FirstId() => Enumerable.Range(0, 1000).Select(static i => FileId.FromUfsPath($"file:///data/{i}")).Min();

    private void AssertSetAside(string pattern, Action<string> damage)
    {
        Fill();
        foreach (string file in Directory.GetFiles(Root, pattern))
        {
            damage(file);
        }

        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            Assert.Empty(disk.ScanUnder("file:///"));
            Assert.Null(disk.TryPut(_fixture.File("file:///new")));
        }

        string aside = Assert.Single(_fixture.SetAside);
        (LogLevel level, string line) = Assert.Single(_fixture.Lines);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains(aside, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);

        using RocksMetadataStore again = _fixture.OpenDisk();
        Assert.Single(again.ScanUnder("file:///"));
    }

    /// <summary>A directory with table files: log entries are flushed when the directory is opened again.</summary>
    private void Fill()
    {
        using (RocksMetadataStore disk = _fixture.OpenDisk())
        {
            for (int i = 0; i < 1000; i++)
            {
                disk.TryPut(_fixture.File($"file:///data/{i}"));
            }
        }

        _fixture.OpenDisk().Dispose();
        Assert.NotEmpty(Directory.GetFiles(Root, "*.sst"));
    }
}
