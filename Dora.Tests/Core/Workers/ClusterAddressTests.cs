using Dora.Tests.Doubles;

namespace Dora.Tests.Core.Workers;

public sealed class ClusterAddressTests
{
    [Fact]
    public void Parse_DirectoryOfACluster_IsItsDatabase()
    {
        using var folder = new TempDirectory();

        ClusterAddress address = ClusterAddress.Parse(folder.Path);

        Assert.Equal(Path.Combine(folder.Path, "cluster.db"), address.DatabaseFile);
        Assert.Equal(folder.Path, address.Directory);
        Assert.Equal(folder.Path, address.ToString());
        Assert.False(address.Exists);
    }

    [Fact]
    public void Parse_DataDirectoryAroundACluster_IsTheClustersDatabase()
    {
        using var folder = new TempDirectory();
        folder.Write("cluster/cluster.db", "x"u8);

        ClusterAddress address = ClusterAddress.Parse(folder.Path);

        Assert.Equal(folder["cluster/cluster.db"], address.DatabaseFile);
        Assert.True(address.Exists);
    }

    [Theory]
    [InlineData("other.db")]
    [InlineData("other.sqlite")]
    [InlineData("deep/other.sqlite3")]
    public void Parse_NameOfASqliteFile_IsThatFileBeforeItIsThere(string name)
    {
        using var folder = new TempDirectory();

        Assert.Equal(folder[name], ClusterAddress.Parse(folder[name]).DatabaseFile);
    }

    [Fact]
    public void Parse_FileOfAnyName_IsThatFile()
    {
        using var folder = new TempDirectory();
        folder.Write("state", "x"u8);

        Assert.Equal(folder["state"], ClusterAddress.Parse(folder["state"]).DatabaseFile);
    }

    [Fact]
    public void ReadId_IsTheLineBesideTheDatabase()
    {
        using var folder = new TempDirectory();
        ClusterAddress address = ClusterAddress.Parse(folder.Path);
        Assert.Null(address.ReadId());

        folder.Write("id", "dora-7\n"u8);

        Assert.Equal("dora-7", address.ReadId());
    }

    [Theory]
    [InlineData("postgres://db/dora", "is not supported yet; give a directory or a SQLite file")]
    [InlineData("PostgreSQL://me:secret@db/dora", "is not supported yet; give a directory or a SQLite file")]
    [InlineData("https://db/dora", "'https://db/dora' is no cluster address: give a directory or a SQLite file")]
    [InlineData("Data Source=/d/cluster.db", "is no path: give a directory or a SQLite file")]
    [InlineData("a\0b", "is no path: give a directory or a SQLite file")]
    [InlineData(" ", "the cluster's address is empty: give a directory or a SQLite file")]
    public void Parse_NoAddress_SaysWhatToGiveAndNoSecret(string text, string expected)
    {
        DoraException error = Assert.Throws<DoraException>(() => ClusterAddress.Parse(text));

        Assert.Equal(DoraErrorCode.InvalidArgument, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void ConnectionString_QuotesThePath()
    {
        var builder = new System.Data.Common.DbConnectionStringBuilder { ConnectionString = ClusterAddress.Parse("/d;x=1/cluster.db").ConnectionString };

        Assert.Equal("/d;x=1/cluster.db", builder["Data Source"]);
        Assert.Equal("ReadWrite", builder["Mode"]);
    }
}
