using System.Globalization;
using System.Runtime.InteropServices;

namespace Dora.Benchmarks.Harness;

/// <summary>The machine in one line: figures mean nothing without it.</summary>
internal static class MachineDescription
{
    internal static string Get()
    {
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{CpuName()}, {Environment.ProcessorCount} cores, {memory / (1 << 30)} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
    }

    private static string CpuName()
    {
        const string Path = "/proc/cpuinfo";
        string? line = File.Exists(Path) ? File.ReadLines(Path).FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
