using Dora.Benchmarks.Channel.Contenders;

namespace Dora.Benchmarks.Channel;

/// <summary>Runs contenders on one case in turns, so that what else the machine does hits all of them alike.</summary>
/// <param name="WarmUp">Before the first round.</param>
/// <param name="Slice">How long a contender runs in a round.</param>
/// <param name="Rounds">How often each has its turn.</param>
internal sealed record Turns(TimeSpan WarmUp, TimeSpan Slice, int Rounds)
{
    internal async Task<Dictionary<string, List<Batch>>> RunAsync(IEnumerable<IContender> contenders, LoadCase load)
    {
        List<LoadLoop> loops = [];
        var batches = new Dictionary<string, List<Batch>>();
        foreach (IContender contender in contenders)
        {
            var loop = new LoadLoop(contender, load);
            loops.Add(loop);
            batches[contender.Name] = [];
            await loop.OpenAsync();
            await loop.RunAsync(WarmUp, round: 99);
        }

        for (int round = 0; round < Rounds; round++)
        {
            for (int turn = 0; turn < loops.Count; turn++)
            {
                LoadLoop loop = loops[(turn + round) % loops.Count];
                batches[loop.Contender.Name].Add(await loop.RunAsync(Slice, round));
            }
        }

        foreach (LoadLoop loop in loops)
        {
            await loop.DisposeAsync();
        }

        return batches;
    }
}
