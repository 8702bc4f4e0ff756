using Dora.Silo.Hosting;
using Dora.Tests.Doubles;

namespace Dora.Tests.Silo.Hosting;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Root => _directory["w"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Open_NewDirectory_MakesAnIdentityThatStays()
    {
        WorkerId first, second;
        using (DataDirectory opened = DataDirectory.Open(Root, null))
        {
            first = opened.WorkerId;
        }

        using (DataDirectory opened = DataDirectory.Open(Root, null))
        {
            second = opened.WorkerId;
        }

        Assert.StartsWith("w-", first.Value, StringComparison.Ordinal);
        Assert.Equal(first, second);
        Assert.Equal("1\n", File.ReadAllText(Path.Combine(Root, "format")));
    }

    [Theory]
    [InlineData("format.new")]
    [InlineData("worker-id.new")]
    public void Open_LinkPlantedUnderTheNameOfADraft_WritesThroughNone(string name)
    {
        DataDirectory.Open(Root, "w7").Dispose();
        string outside = _directory.Write("outside", "the user's own"u8);
        File.CreateSymbolicLink(Path.Combine(Root, name), outside);
        File.Delete(Path.Combine(Root, Path.GetFileNameWithoutExtension(name)));
        if (name == "format.new")
        {
            File.Delete(Path.Combine(Root, "worker-id"));
        }

        DataDirectory.Open(Root, "w7").Dispose();

        Assert.Equal("the user's own", File.ReadAllText(outside));
    }

    [Fact]
    public void Open_DraftOfACrash_IsNoStranger_AndGoes()
    {
        string draft = ".dora-" + new string('a', 32);
        _directory.Write("w/" + draft, "1"u8);

        DataDirectory.Open(Root, null).Dispose();

        Assert.False(File.Exists(Path.Combine(Root, draft)));
    }

    [Fact]
    public void Open_GivenIdentity_IsKept()
    {
        DataDirectory.Open(Root, "w7").Dispose();

        using DataDirectory opened = DataDirectory.Open(Root, null);

        Assert.Equal("w7", opened.WorkerId.Value);
    }

    [Theory]
    [InlineData("40123\n", 40123)]
    [InlineData("no number", 0)]
    [InlineData("70000", 0)]
    public void LastSiloPort_IsWhatStandsThere_OrNone(string text, int port)
    {
        using DataDirectory opened = DataDirectory.Open(Root, null);
        Assert.Equal(0, opened.LastSiloPort());

        File.WriteAllText(Path.Combine(Root, "silo-port"), text);
        Assert.Equal(port, opened.LastSiloPort());
        opened.RememberSiloPort(7);
        Assert.Equal(7, opened.LastSiloPort());
    }

    [Fact]
    public void Ports_LastOneFree_IsTaken_AndLastOneInUse_IsNot()
    {
        var options = new WorkerOptions { DataDirectory = Root };
        int free = WorkerPorts.Choose(options).Silo;

        Assert.Equal(free, WorkerPorts.Choose(options, free).Silo);
        using var taken = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        taken.Bind(new System.Net.IPEndPoint(options.Address, 0));
        taken.Listen(1);
        int inUse = ((System.Net.IPEndPoint)taken.LocalEndPoint!).Port;
        Assert.NotEqual(inUse, WorkerPorts.Choose(options, inUse).Silo);
    }

    [Fact]
    public void Open_AnotherWorkersDirectory_IsRefused()
    {
        DataDirectory.Open(Root, "w7").Dispose();

        AssertRefused("w8", "belongs to worker 'w7', not 'w8'");
    }

    [Fact]
    public void Open_WhileAnotherHasIt_IsRefused()
    {
        using DataDirectory first = DataDirectory.Open(Root, null);

        AssertRefused(null, "is in use by another worker");
    }

    [Fact]
    public void Open_NewerFormat_IsRefused()
    {
        DataDirectory.Open(Root, null).Dispose();
        File.WriteAllText(Path.Combine(Root, "format"), "2\n");

        AssertRefused(null, "was written by a newer Dora (format 2");
    }

    [Theory]
    [InlineData("format", "")]
    [InlineData("format", "one")]
    [InlineData("worker-id", "NOT VALID")]
    public void Open_DamagedFile_IsRefused(string file, string content)
    {
        DataDirectory.Open(Root, null).Dispose();
        File.WriteAllText(Path.Combine(Root, file), content);

        AssertRefused(null, "is damaged");
    }

    [Fact]
    public void Open_DirectoryOfSomethingElse_IsRefusedAndLeftAlone()
    {
        string file = _directory.Write("w/letters.txt", "dear"u8);

        AssertRefused(null, "holds 'letters.txt' and no Dora data");
        Assert.True(File.Exists(file));
    }

    [Fact]
    public void Open_PathIsAFile_IsRefused()
    {
        _directory.Write("w", "x"u8);

        AssertRefused(null, "cannot be used");
    }

    private void AssertRefused(string? worker, string words)
    {
        DoraException refused = Assert.Throws<DoraException>(() => DataDirectory.Open(Root, worker));

        Assert.Equal(DoraErrorCode.Configuration, refused.Code);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Root, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }
}
