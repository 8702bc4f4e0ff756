using System.Runtime.InteropServices;
using Dora.Core.Linux;

namespace Dora.Cli.Get;

/// <summary>What a refusal of the local file system becomes.</summary>
internal static class LocalFailure
{
    /// <summary>An error number as an exception that names the path.</summary>
    public static DoraException For(int errno, string path) => errno switch
    {
        Errno.Exists => new(DoraErrorCode.AlreadyExists, $"'{path}' is there already: give another target, or --force to replace it"),
        Errno.NoEntry => new(DoraErrorCode.NotFound, $"'{path}' is in no directory that is there: make it first"),
        Errno.IsDirectory => new(DoraErrorCode.AlreadyExists, $"'{path}' is a directory here and a file there: give another target"),
        Errno.NameTooLong => new(DoraErrorCode.InvalidPath, $"'{path}': the name is too long for this file system"),
        Errno.LinkLoop or Errno.NotDirectory => new(
            DoraErrorCode.AlreadyExists, $"'{path}' is no directory here, or a link to one: nothing is written through links below the target; remove it, or give another target"),
        Errno.Access or Errno.NotPermitted or Errno.ReadOnlyFileSystem => new(DoraErrorCode.Denied, $"'{path}': {Marshal.GetPInvokeErrorMessage(errno)}: give a target that may be written to"),
        _ => new(DoraErrorCode.Configuration, $"'{path}': {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})"),
    };

    /// <summary>Whether every other file would fail in the same way: the disk is full, or cannot be written to any more.</summary>
    public static bool IsFinal(Exception error) =>
        error is IOException && (error.HResult & 0xFFFF) is Errno.NoSpace or Errno.QuotaExceeded or Errno.ReadOnlyFileSystem or Errno.IoError;
}
