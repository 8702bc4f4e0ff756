namespace Dora.Core.Linux;

/// <summary>Linux error numbers that Dora tells apart.</summary>
internal static class Errno
{
    public const int None = 0;
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int IoError = 5;
    public const int NoSuchDeviceOrAddress = 6;

    /// <summary>EAGAIN: not without waiting.</summary>
    public const int Again = 11;

    public const int Access = 13;

    /// <summary>EFAULT: memory that the kernel cannot read, or a page of a mapped file that the disk does not give.</summary>
    public const int BadAddress = 14;

    public const int Exists = 17;
    public const int NoSuchDevice = 19;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int InvalidArgument = 22;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int BrokenPipe = 32;
    public const int NameTooLong = 36;
    public const int NotImplemented = 38;
    public const int NotEmpty = 39;
    public const int LinkLoop = 40;
    public const int NotSupported = 95;
    public const int StaleHandle = 116;
    public const int NeedsCleaning = 117;
    public const int QuotaExceeded = 122;
}
