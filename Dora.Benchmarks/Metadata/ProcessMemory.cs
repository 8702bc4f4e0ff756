using System.Globalization;

namespace Dora.Benchmarks.Metadata;

/// <summary>This process's resident memory as Linux counts it; elsewhere the runtime's figure.</summary>
internal static class ProcessMemory
{
    internal static long Bytes() => Read("VmRSS:");

    internal static long PeakBytes() => Read("VmHWM:");

    private static long Read(string name)
    {
        const string Status = "/proc/self/status";
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) : null;
        return line is null ? Environment.WorkingSet : long.Parse(line.AsSpan(name.Length, line.Length - name.Length - 2), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
