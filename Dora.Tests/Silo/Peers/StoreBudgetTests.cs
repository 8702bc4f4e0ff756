using Dora.Silo.Peers;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.Silo.Peers;

/// <summary>How often the store is asked for files of other workers.</summary>
public sealed class StoreBudgetTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Burst_IsLetThrough_ThenOneByOne_ThenRefused()
    {
        var budget = new StoreBudget(perSecond: 10, burst: 3, TimeSpan.FromSeconds(0.25), _time);
        ValueTask<bool>[] turns = [.. Enumerable.Range(0, 6).Select(_ => budget.AcquireAsync(default))];

        Assert.All(turns[..3], static t => Assert.True(t.IsCompletedSuccessfully && t.Result));
        Assert.False(turns[3].IsCompleted);
        Assert.False(turns[4].IsCompleted);
        Assert.False(await turns[5]);
        Assert.Equal(1, budget.Refused);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(await turns[3].AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(await turns[4].AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Quiet_GivesBackTheBurst_AndNoMore()
    {
        var budget = new StoreBudget(perSecond: 10, burst: 3, TimeSpan.Zero, _time);
        _time.Advance(TimeSpan.FromSeconds(100));
        int granted = 0;
        while (await budget.AcquireAsync(default))
        {
            granted++;
        }

        Assert.Equal(3, granted);
    }

    [Fact]
    public void RecentFiles_TellsTheLatestFirst()
    {
        using var recent = new RecentFiles(_time);
        FileId[] files = [new(1, 1), new(2, 2), new(3, 3)];
        foreach (FileId file in files)
        {
            recent.Note(file);
            recent.Advance();
        }

        recent.Note(files[0]);

        Assert.Equal([files[0], files[2], files[1]], recent.Latest());
    }
}
