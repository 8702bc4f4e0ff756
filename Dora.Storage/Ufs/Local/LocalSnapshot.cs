using System.Buffers;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>
/// Reads a file of one moment while others write to it. Of a file that changed, the kernel does not tell whether it only grew: appending, rewriting in place and cutting it off and
/// writing it anew look alike (same inode, another length and time). So the bytes decide: the file is read twice, and when the second reading finds what the first found, all of them
/// were in the file at the moment between the two. An append behind them does not matter: what comes is the file as long as it was when it was opened. Bytes that were changed and
/// changed back between the two readings go unseen; both take as long as a copy in memory.
/// </summary>
internal sealed class LocalSnapshot(LocalRoot root)
{
    private const int MaxTries = 8;
    private const int CompareBytes = 64 * 1024;

    public UfsSnapshotResult Read(string path, Span<byte> destination, DateTimeOffset now)
    {
        UfsStatus status = root.Pin(path, out SafeFileHandle? pinned, out LinuxStat stat, out string? error);
        using (pinned)
        {
            if (status != UfsStatus.Ok || stat.IsDirectory)
            {
                return status != UfsStatus.Ok ? new UfsSnapshotResult(status, default, error)
                    : new UfsSnapshotResult(UfsStatus.IsDirectory, default, $"'{root.Full(path)}' is a directory");
            }

            if (root.Refuse(path, stat, pinned!) is { } refusal)
            {
                return new UfsSnapshotResult(UfsStatus.NotSupported, default, refusal);
            }

            int errno = LinuxFile.Reopen(pinned!, out SafeFileHandle? file);
            if (errno != Errno.None)
            {
                return new UfsSnapshotResult(root.Fail(errno, path, out error), default, error);
            }

            using (file)
            {
                return ReadOpen(file!, path, destination, now);
            }
        }
    }

    private UfsSnapshotResult ReadOpen(SafeFileHandle file, string path, Span<byte> destination, DateTimeOffset now)
    {
        try
        {
            for (int attempt = 0; attempt < MaxTries; attempt++)
            {
                int errno = LinuxFile.Stat(file, out LinuxStat before);
                if (errno != Errno.None)
                {
                    return new UfsSnapshotResult(root.Fail(errno, path, out string? error), default, error);
                }

                if (before.Length > destination.Length)
                {
                    return new UfsSnapshotResult(
                        UfsStatus.VersionChanged, default, $"'{root.Full(path)}' changes while it is read, and its {before.Length} bytes are too many to read in one go: read a copy, or wait until its writer is done");
                }

                if (TryRead(file, destination[..(int)before.Length], before, now) is { } version)
                {
                    return new UfsSnapshotResult(UfsStatus.Ok, new UfsStat(FileKind.File, before.Length, before.Modified, version));
                }
            }

            return new UfsSnapshotResult(
                UfsStatus.VersionChanged, default, $"'{root.Full(path)}' is rewritten all the time: read a copy, or wait until its writer is done");
        }
        catch (IOException e)
        {
            return new UfsSnapshotResult(UfsStatus.Unavailable, default, $"'{root.Full(path)}': {e.Message}");
        }
    }

    /// <summary>One try.</summary>
    /// <returns>The version of what was read; <see langword="null"/>: no moment can be told apart.</returns>
    private static FileVersion? TryRead(SafeFileHandle file, Span<byte> destination, in LinuxStat before, DateTimeOffset now)
    {
        if (!Fill(file, destination, 0) || LinuxFile.Stat(file, out LinuxStat between) != Errno.None)
        {
            return null;
        }

        bool isSettled = before.Changed > now || now - before.Changed >= LocalDirectory.Settled;
        if (isSettled && between.IsUnchangedSince(before))
        {
            return before.Version;
        }

        // Both must be as long still: a file that was cut off and has grown again since would show the same length, but not before it is written.
        return between.Length >= before.Length && IsSame(file, destination) && LinuxFile.Stat(file, out LinuxStat after) == Errno.None && after.Length >= before.Length
            ? FileVersion.FromETag($"{before.Version} as it was on {after.Version}")
            : null;
    }

    private static bool IsSame(SafeFileHandle file, ReadOnlySpan<byte> expected)
    {
        byte[] again = ArrayPool<byte>.Shared.Rent(CompareBytes);
        try
        {
            for (int at = 0; at < expected.Length; at += CompareBytes)
            {
                Span<byte> part = again.AsSpan(0, Math.Min(CompareBytes, expected.Length - at));
                if (!Fill(file, part, at) || !part.SequenceEqual(expected.Slice(at, part.Length)))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(again);
        }
    }

    private static bool Fill(SafeFileHandle file, Span<byte> destination, long offset)
    {
        for (int read = 0; read < destination.Length;)
        {
            int count = RandomAccess.Read(file, destination[read..], offset + read);
            if (count == 0)
            {
                return false;
            }

            read += count;
        }

        return true;
    }
}
