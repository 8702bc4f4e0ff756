using System.Runtime.InteropServices;
using Dora.Core.Linux;

namespace Dora.Storage.Ufs.Local;

/// <summary>What error numbers of Linux mean for a local directory, as a <see cref="UfsStatus"/>.</summary>
internal static class LocalErrors
{
    public static UfsStatus ToStatus(int errno) => errno switch
    {
        Errno.None => UfsStatus.Ok,
        Errno.NoEntry or Errno.NotDirectory => UfsStatus.NotFound,
        Errno.NotPermitted or Errno.Access or Errno.ReadOnlyFileSystem => UfsStatus.Denied,
        Errno.IsDirectory => UfsStatus.IsDirectory,
        Errno.NotEmpty => UfsStatus.NotDirectory,
        Errno.NameTooLong or Errno.LinkLoop => UfsStatus.InvalidName,
        _ => UfsStatus.Unavailable,
    };

    public static string Describe(int errno, string path) => $"'{path}': {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
