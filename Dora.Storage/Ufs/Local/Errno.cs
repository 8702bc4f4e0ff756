using System.Runtime.InteropServices;

namespace Dora.Storage.Ufs.Local;

/// <summary>Linux error numbers that a connector tells apart, and their meaning as a <see cref="UfsStatus"/>.</summary>
internal static class Errno
{
    public const int None = 0;
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int Access = 13;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int ReadOnlyFileSystem = 30;
    public const int NameTooLong = 36;
    public const int NotEmpty = 39;
    public const int LinkLoop = 40;

    public static UfsStatus ToStatus(int errno) => errno switch
    {
        None => UfsStatus.Ok,
        NoEntry or NotDirectory => UfsStatus.NotFound,
        NotPermitted or Access or ReadOnlyFileSystem => UfsStatus.Denied,
        IsDirectory => UfsStatus.IsDirectory,
        NotEmpty => UfsStatus.NotDirectory,
        NameTooLong or LinkLoop => UfsStatus.InvalidName,
        _ => UfsStatus.Unavailable,
    };

    public static string Describe(int errno, string path) => $"'{path}': {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
