using System.Runtime.InteropServices;

namespace Dora.Tests.Processes;

/// <summary>A file system of a few megabytes in memory, where the tests' user may mount one (as root, outside most containers).</summary>
internal sealed partial class SmallDisk : IDisposable
{
    private const int Detach = 2;
    private const nuint ReadOnly = 1;

    private readonly string _directory;

    private SmallDisk(string directory) => _directory = directory;

    /// <summary>Mounts one on an existing directory.</summary>
    /// <returns><see langword="null"/> where that is not allowed.</returns>
    public static SmallDisk? TryMount(string directory, int megabytes) =>
        Mount("tmpfs", directory, "tmpfs", 0, $"size={megabytes}m,mode=700") == 0 ? new SmallDisk(directory) : null;

    /// <summary>Puts an empty disk in the place of this one that refuses every change, as file systems do when their disk fails. Open files are not affected.</summary>
    public void Hide() => Assert.Equal(0, Mount("tmpfs", _directory, "tmpfs", ReadOnly, "size=1m"));

    /// <summary>Takes the disk away that <see cref="Hide"/> put in this one's place.</summary>
    public void Show() => Assert.Equal(0, Unmount(_directory, Detach));

    /// <summary>Writes a file until the disk is full.</summary>
    public void Fill()
    {
        using FileStream ballast = new(Path.Combine(_directory, "ballast"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        Assert.NotNull(Record.Exception(() =>
        {
            for (long written = 0; written < 1L << 30; written += block.Length)
            {
                ballast.Write(block);
            }
        }));
    }

    public void Dispose() => _ = Unmount(_directory, Detach);

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string options);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
