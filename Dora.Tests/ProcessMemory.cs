using System.Globalization;

namespace Dora.Tests;

/// <summary>This process's resident memory as Linux counts it, in bytes.</summary>
internal static class ProcessMemory
{
    public static long Now() => Read("VmRSS:");

    public static long Peak() => Read("VmHWM:");

    private static long Read(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length, line.Length - name.Length - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
