using System.Reflection;
using Dora.Interfaces;
using Dora.Silo.Hosting;

namespace Dora.Tests.Silo.Peers;

public sealed class HandOverLimitTests
{
    /// <summary>Calls between workers end after 5 s unless their contract says more; the stop's own deadline ends these.</summary>
    [Theory]
    [InlineData(nameof(IWorkerGrain.TakeOverAsync))]
    [InlineData(nameof(IWorkerGrain.TakeOverMetadataAsync))]
    public void Call_MayTakeAsLongAsTheHandOver(string method)
    {
        TimeSpan? limit = typeof(IWorkerGrain).GetMethod(method)!.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;

        Assert.True(limit >= WorkerOptionsCheck.MaxHandOver, $"{method} ends after {limit}, a hand-over may take {WorkerOptionsCheck.MaxHandOver}");
    }
}
