using System.Globalization;
using System.Runtime.InteropServices;
using Dora.Cli.Output;
using Dora.Core.Linux;

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
        yield return OpenFilesLimit.Problem(OpenFilesLimit.Worker, "each worker") is { } few
            ? Finding.Note("open files", Advice.Split(few).What, Advice.Split(few).Hint!)
            : Finding.Good("open files", $"the limit is {OpenFilesLimit.Worker} or more");
        foreach (Finding finding in Readable(dataDirectory))
        {
            yield return finding;
        }
    }

    private static Finding Writable(string dataDirectory)
    {
        string existing = Existing(dataDirectory);
        string probe = Path.Combine(existing, DraftName.New());
        try
        {
            using (var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose))
            {
                file.Write("probe"u8);
            }

            return Finding.Good("data directory", existing == dataDirectory ? $"{dataDirectory} is writable" : $"{dataDirectory} can be made in {existing}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Bad("data directory", $"{existing}: {e.Message}", "make it writable, or choose another with --data");
        }
    }

    /// <summary>What other users of the machine can read and should not.</summary>
    private static IEnumerable<Finding> Readable(string dataDirectory)
    {
        const UnixFileMode Others = (UnixFileMode)0b000_111_111;
        if (OperatingSystem.IsWindows())
        {
            yield break;
        }

        if (Directory.Exists(dataDirectory) && (File.GetUnixFileMode(dataDirectory) & Others) != 0)
        {
            yield return Finding.Note("privacy", $"{dataDirectory} can be read by other users", $"'chmod 700 {dataDirectory}', or start the workers again: they close it");
        }

        if (Environment.GetEnvironmentVariable(ChannelToken.FileVariable) is { Length: > 0 } token && File.Exists(token) && (File.GetUnixFileMode(token) & Others) != 0)
        {
            yield return Finding.Note("privacy", $"the token file {token} can be read by other users", $"'chmod 600 {token}'");
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
