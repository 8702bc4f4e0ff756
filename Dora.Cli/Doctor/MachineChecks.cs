using System.Globalization;
using System.Runtime.InteropServices;
using Dora.Cli.Output;

namespace Dora.Cli.Doctor;

/// <summary>What can be checked without a cluster.</summary>
internal static class MachineChecks
{
    private const long LowSpace = 2L * 1024 * 1024 * 1024;

    public static IEnumerable<Finding> Run(string dataDirectory)
    {
        yield return Finding.Good("runtime", $"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)} processors");
        yield return Writable(dataDirectory);
        yield return Space(dataDirectory);
    }

    private static Finding Writable(string dataDirectory)
    {
        string existing = Existing(dataDirectory);
        string probe = Path.Combine(existing, $".dora-doctor-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "probe");
            File.Delete(probe);
            return Finding.Good("data directory", existing == dataDirectory ? $"{dataDirectory} is writable" : $"{dataDirectory} can be made in {existing}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Bad("data directory", $"{existing}: {e.Message}", "make it writable, or choose another with --data");
        }
    }

    private static Finding Space(string dataDirectory)
    {
        var drive = new DriveInfo(Existing(dataDirectory));
        string detail = $"{Format.Bytes(drive.AvailableFreeSpace)} free of {Format.Bytes(drive.TotalSize)}";
        return drive.AvailableFreeSpace < LowSpace
            ? Finding.Bad("disk space", detail, "free some space: workers cache less and less, then nothing")
            : Finding.Good("disk space", detail);
    }

    private static string Existing(string path)
    {
        string candidate = path;
        while (!Directory.Exists(candidate))
        {
            candidate = Path.GetDirectoryName(candidate) ?? "/";
        }

        return candidate;
    }
}
