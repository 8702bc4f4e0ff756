using Dora.Client.Routing;

namespace Dora.Tests.Client.Routing;

public sealed class RouteTargetsTests
{
    [Fact]
    public void For_MorePathsThanAreRemembered_TheUsedOneStays()
    {
        var targets = new RouteTargets();
        RouteTarget used = targets.For("/used");
        for (int i = 0; i < 2 * RouteTargets.Max; i++)
        {
            targets.For($"/other/{i}");
            if (i % 64 == 0)
            {
                Assert.Same(used, targets.For("/used"));
            }
        }
    }

    [Fact]
    public void For_NoPath_IsRefusedAndNotRemembered()
    {
        var targets = new RouteTargets();
        Assert.Throws<DoraException>(() => targets.For("no path"));
        Assert.Throws<DoraException>(() => targets.For("no path"));
    }
}
