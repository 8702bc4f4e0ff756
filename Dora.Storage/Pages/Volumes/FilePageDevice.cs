using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>
/// Plain files, through the system's page cache. The calls block: a hit in the page cache costs a copy, far less than a hop to another thread.
/// </summary>
internal sealed class FilePageDevice : IPageDevice
{
    // Every handle may share: the store's lock file keeps other processes out, and sharing saves a system call at each open.
    private const FileShare Share = FileShare.ReadWrite | FileShare.Delete;

    public SafeFileHandle Lock(string path) => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    public IReadOnlyList<string> List(string directory) => Directory.GetFiles(directory);

    public SafeFileHandle Create(string path) => File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, Share);

    public SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, Share);

    public SafeFileHandle OpenToRead(SafeFileHandle file) => LinuxDisk.OpenToRead(file);

    public int Read(SafeFileHandle file, Span<byte> destination, long position)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int count = RandomAccess.Read(file, destination[total..], position + total);
            if (count == 0)
            {
                break;
            }

            total += count;
        }

        return total;
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> source, long position) => RandomAccess.Write(file, source, position);

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, long position) =>
        LinuxDisk.Write(file, head, payload, position);

    public bool TryPunch(SafeFileHandle file, long position, long length) => LinuxDisk.TryPunch(file, position, length);

    public long AllocatedBytes(SafeFileHandle file) => LinuxDisk.AllocatedBytes(file);

    public long? NextData(SafeFileHandle file, long position) => LinuxDisk.NextData(file, position);

    public void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public void Cut(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    public void Delete(string path) => File.Delete(path);
}
