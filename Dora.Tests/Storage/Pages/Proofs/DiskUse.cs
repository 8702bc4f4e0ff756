using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>Bytes of disk that a directory takes, holes not counted, as <c>du</c> says.</summary>
internal static class DiskUse
{
    private static readonly FilePageDevice Disk = new();

    /// <summary>The sum over a directory's files; when files change meanwhile, a sum of different moments.</summary>
    public static long Of(string directory) => Files(directory).Values.Sum();

    /// <summary>The sum at one moment, or <see langword="null"/> when a file changed between two looks.</summary>
    public static long? AtOneMoment(string directory)
    {
        Dictionary<string, long> before = Files(directory), after = Files(directory);
        return before.Count == after.Count && before.All(f => after.TryGetValue(f.Key, out long bytes) && bytes == f.Value) ? before.Values.Sum() : null;
    }

    /// <summary>The bytes in use on a file system that holds nothing else: exact, at any moment.</summary>
    public static long OfDisk(string mountPoint)
    {
        var drive = new DriveInfo(mountPoint);
        return drive.TotalSize - drive.TotalFreeSpace;
    }

    private static Dictionary<string, long> Files(string directory)
    {
        Dictionary<string, long> files = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            try
            {
                using SafeFileHandle handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                files[file] = Disk.AllocatedBytes(handle);
            }
            catch (IOException)
            {
                // Gone since it was listed, or the lock file.
            }
        }

        return files;
    }
}
