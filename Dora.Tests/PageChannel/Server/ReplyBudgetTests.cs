using Dora.PageChannel.Server;

namespace Dora.Tests.PageChannel.Server;

/// <summary>Bytes of replies: bounded, in line, and nothing lost by cancelling.</summary>
public sealed class ReplyBudgetTests
{
    [Fact]
    public async Task Acquire_WhenSpent_WaitsInLine()
    {
        var budget = new ReplyBudget(100, 10);
        Assert.True(await budget.AcquireAsync(80, default));

        Task<bool> large = budget.AcquireAsync(50, default).AsTask();
        Task<bool> small = budget.AcquireAsync(10, default).AsTask();
        Assert.False(large.IsCompleted || small.IsCompleted);
        budget.Release(80);

        Assert.True(await large.WaitAsync(RawClient.Patience));
        Assert.True(await small.WaitAsync(RawClient.Patience));
        Assert.Equal(40, budget.Available);
    }

    [Fact]
    public async Task Acquire_WhenTheLineIsFull_IsRefused()
    {
        var budget = new ReplyBudget(100, 1);
        await budget.AcquireAsync(100, default);
        Task<bool> waiting = budget.AcquireAsync(1, default).AsTask();

        Assert.False(await budget.AcquireAsync(1, default));

        budget.Release(100);
        Assert.True(await waiting.WaitAsync(RawClient.Patience));
    }

    [Fact]
    public async Task Acquire_Cancelled_TakesNothingAndLetsTheNextOneGo()
    {
        var budget = new ReplyBudget(100, 10);
        using var cancel = new CancellationTokenSource();
        await budget.AcquireAsync(50, default);
        Task<bool> large = budget.AcquireAsync(100, cancel.Token).AsTask();
        Task<bool> small = budget.AcquireAsync(50, default).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        Assert.True(await small.WaitAsync(RawClient.Patience));
        budget.Release(100);
        Assert.Equal(100, budget.Available);
    }
}
