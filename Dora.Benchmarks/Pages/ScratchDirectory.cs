namespace Dora.Benchmarks.Pages;

/// <summary>A directory for the time of a measurement, in the system's temporary directory (<c>TMPDIR</c>): that disk is what is measured.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("dora-bench-pages-").FullName;

    internal string Below(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes what the system still holds of the files below to the disk, so that it does not slow the next contender down.</summary>
    internal static void Flush(string path)
    {
        // The store's lock file cannot be opened, and holds nothing.
        foreach (string file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(static f => System.IO.Path.GetFileName(f) != "lock"))
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle handle =
                File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(handle);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
