using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>Creates files whole: a hidden file in the same directory, flushed to disk, then renamed over the name.</summary>
internal sealed class LocalWriter(LocalRoot root)
{
    private const int CopyBuffer = 256 * 1024;

    public async Task<UfsStatus> CreateAsync(string path, Stream content, CancellationToken cancellationToken)
    {
        if (path.Length == 0)
        {
            return UfsStatus.IsDirectory;
        }

        if (!UfsPath.IsValid(path, out _))
        {
            return UfsStatus.InvalidName;
        }

        (string parent, string name) = LocalRoot.SplitLast(path);
        UfsStatus status = root.PinOrCreateDirectory(parent, out SafeFileHandle? directory, out _);
        using (directory)
        {
            return status == UfsStatus.Ok ? await CreateInAsync(directory!, name, content, cancellationToken).ConfigureAwait(false) : status;
        }
    }

    private static async Task<UfsStatus> CreateInAsync(SafeFileHandle directory, string name, Stream content, CancellationToken cancellationToken)
    {
        if (LinuxFile.StatAt(directory, name, out LinuxStat there) == Errno.None && there.IsDirectory)
        {
            return UfsStatus.IsDirectory;
        }

        string partial = LocalListing.PartialPrefix + Guid.NewGuid().ToString("N");
        int errno = LinuxFile.CreateAt(directory, partial, out SafeFileHandle? file);
        if (errno != Errno.None)
        {
            return LocalErrors.ToStatus(errno);
        }

        bool renamed = false;
        try
        {
            using (file)
            {
                await CopyAsync(content, file!, cancellationToken).ConfigureAwait(false);
            }

            errno = LinuxFile.RenameAt(directory, partial, name);
            renamed = errno == Errno.None;
            return LocalErrors.ToStatus(errno);
        }
        catch (DiskException)
        {
            return UfsStatus.Unavailable;
        }
        finally
        {
            if (!renamed)
            {
                LinuxFile.RemoveAt(directory, partial, isDirectory: false);
            }
        }
    }

    private static async Task CopyAsync(Stream content, SafeFileHandle file, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[CopyBuffer];
        long offset = 0;
        int count;
        while ((count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            OnDisk(() => RandomAccess.Write(file, buffer.AsSpan(0, count), offset));
            offset += count;
        }

        OnDisk(() => RandomAccess.FlushToDisk(file));
    }

    /// <summary>Tells a refusal of our disk (an outcome) from a failure of the caller's stream (which goes to the caller).</summary>
    private static void OnDisk(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            throw new DiskException(e);
        }
    }

    private sealed class DiskException(Exception cause) : Exception(cause.Message, cause);
}
