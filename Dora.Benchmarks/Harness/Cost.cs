using System.Diagnostics;

namespace Dora.Benchmarks.Harness;

/// <summary>What a piece of work cost: wall time, CPU time of the process, bytes allocated by all its threads.</summary>
internal readonly record struct Cost(TimeSpan Wall, TimeSpan Cpu, long AllocatedBytes)
{
    internal static Cost Of(Action work)
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        work();
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        return new Cost(wall, Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }
}
