using Dora.Storage.Files;

namespace Dora.Tests.Storage.Files;

public sealed class ByteBudgetTests
{
    [Fact]
    public async Task Acquire_WhenTaken_WaitsInOrder()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(60);
        Task large = budget.AcquireAsync(90);
        Task small = budget.AcquireAsync(10);
        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted, "a small request must not overtake a large one");
        budget.Release(60);
        await Task.WhenAll(large, small).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, budget.Free);
    }

    [Fact]
    public async Task Acquire_MoreThanAll_TakesAll()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(1000);
        Assert.Equal(0, budget.Free);
        budget.Release(1000);
        Assert.Equal(100, budget.Free);
    }

    [Fact]
    public async Task Acquire_TooManyWait_Busy()
    {
        var budget = new ByteBudget(1);
        await budget.AcquireAsync(1);
        Task[] waiting = [.. Enumerable.Range(0, ByteBudget.MaxWaiting).Select(_ => budget.AcquireAsync(1))];
        DoraException e = await Assert.ThrowsAsync<DoraException>(() => budget.AcquireAsync(1).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(DoraErrorCode.Busy, e.Code);
        budget.Release(1);
        await waiting[0];
        Assert.False(budget.AcquireAsync(1).IsCompleted, "one has left the queue: there is room for one");
    }

    [Fact]
    public async Task Close_RefusesWaitersAndNewcomers()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(100);
        Task waiting = budget.AcquireAsync(1);
        budget.Close();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => budget.AcquireAsync(1));
    }
}
