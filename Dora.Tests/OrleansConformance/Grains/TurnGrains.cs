using Orleans.Concurrency;

namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.IPassGrain")]
public interface IPassGrain : IConformanceGrain
{
    /// <summary>Passes the gate and returns how many calls were inside at most.</summary>
    [Alias("Pass")]
    Task<int> PassAsync();

    /// <summary>True for each kind of await after which the code is on the scheduler of the activation again.</summary>
    [Alias("Resumes")]
    Task<Dictionary<string, bool>> ResumesAsync();
}

[Alias("Dora.Tests.ITurnGrain")]
public interface ITurnGrain : IPassGrain;

[Alias("Dora.Tests.IReentrantGrain")]
public interface IReentrantGrain : IPassGrain
{
    /// <summary>Adds to an unguarded counter with awaits in between, and returns its value.</summary>
    [Alias("Count")]
    Task<int> CountAsync(int steps);
}

internal abstract class PassGrain : ConformanceGrain, IPassGrain
{
    private int _inside;
    private int _most;

    public async Task<int> PassAsync()
    {
        _most = Math.Max(_most, ++_inside);
        await Gate.PassAsync();
        await Task.Yield();
        _inside--;
        return _most;
    }

    public async Task<Dictionary<string, bool>> ResumesAsync()
    {
        TaskScheduler own = TaskScheduler.Current;
        var resumes = new Dictionary<string, bool> { ["start"] = own != TaskScheduler.Default };
        await Task.Yield();
        resumes["yield"] = TaskScheduler.Current == own;
        await Task.Delay(1);
        resumes["delay"] = TaskScheduler.Current == own;
        bool outside = await Task.Run(() => TaskScheduler.Current == TaskScheduler.Default);
        resumes["run"] = outside && TaskScheduler.Current == own;
        resumes["start new"] = await Task.Factory.StartNew(() => TaskScheduler.Current == own, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
        return resumes;
    }
}

[HintedPlacement]
internal sealed class TurnGrain : PassGrain, ITurnGrain;

[HintedPlacement]
[Reentrant]
internal sealed class ReentrantGrain : PassGrain, IReentrantGrain
{
    private int _count;

    public async Task<int> CountAsync(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            // Two threads at once would lose some of these.
            int before = _count;
            Thread.SpinWait(50);
            _count = before + 1;
            await Task.Yield();
        }

        return _count;
    }
}
