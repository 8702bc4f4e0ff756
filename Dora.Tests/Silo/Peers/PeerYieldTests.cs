using Dora.Silo.Peers;

namespace Dora.Tests.Silo.Peers;

public sealed class PeerYieldTests
{
    private readonly PeerYield _yield = new();

    [Fact]
    public void IsWorthAsking_SomethingNowAndThen_Always()
    {
        for (int i = 0; i < 10 * PeerYield.Patience; i++)
        {
            Assert.True(_yield.IsWorthAsking());
            _yield.Note(hadBytes: i % PeerYield.Patience == 0);
        }
    }

    [Fact]
    public void IsWorthAsking_NothingForLong_Seldom_UntilThereIsSomething()
    {
        for (int i = 0; i < PeerYield.Patience; i++)
        {
            _yield.Note(hadBytes: false);
        }

        Assert.Equal(10, Enumerable.Range(0, 10 * PeerYield.Every).Count(_ => _yield.IsWorthAsking()));
        _yield.Note(hadBytes: true);
        Assert.True(_yield.IsWorthAsking());
    }
}
