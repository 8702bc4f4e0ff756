using Dora.Storage.Ufs;

namespace Dora.Tests.Storage.Ufs;

public sealed class UfsProviderTests
{
    [Fact]
    public void Open_SameRootTwice_SameConnector()
    {
        UfsProvider provider = UfsProvider.CreateDefault();
        Assert.Same(provider.Open(UfsUri.Parse("/a")), provider.Open(UfsUri.Parse("file:///a/")));
        Assert.NotSame(provider.Open(UfsUri.Parse("/a")), provider.Open(UfsUri.Parse("/b")));
    }

    [Fact]
    public void Open_MoreThanAreKept_TheUsedOneStays()
    {
        UfsProvider provider = UfsProvider.CreateDefault();
        IUfs used = provider.Open(UfsUri.Parse("/used"));
        for (int i = 0; i < 2 * UfsProvider.MaxOpen; i++)
        {
            provider.Open(UfsUri.Parse($"/other{i}"));
            Assert.Same(used, provider.Open(UfsUri.Parse("/used")));
        }
    }

    [Fact]
    public void Open_UnknownScheme_NamesTheKnown()
    {
        UfsProvider provider = UfsProvider.CreateDefault();
        DoraException e = Assert.Throws<DoraException>(() => provider.Open(UfsUri.Parse("gopher://host/x")));
        Assert.Equal(DoraErrorCode.NotSupported, e.Code);
        Assert.Contains("file://", e.Message, StringComparison.Ordinal);
        Assert.Contains("gopher://host/x", e.Message, StringComparison.Ordinal);
        Assert.Equal(["file"], provider.Schemes);
    }
}
