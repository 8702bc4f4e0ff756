using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Storage.Pages;

/// <summary>What a page directory takes on disk, as the file system says: holes are not counted.</summary>
internal static class DirectorySize
{
    /// <summary>Bytes of all files in a directory at one moment, about: files that go meanwhile count if they were seen.</summary>
    public static long Of(string directory)
    {
        long bytes = 0;
        foreach (string file in Directory.EnumerateFiles(directory))
        {
            bytes += OfFile(file);
        }

        return bytes;
    }

    private static long OfFile(string file)
    {
        if (Path.GetFileName(file) == "lock")
        {
            // Held by the store alone; one block.
            return 4096;
        }

        try
        {
            using SafeFileHandle handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return LinuxDisk.AllocatedBytes(handle);
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
