namespace Dora.PageChannel.SameHost;

/// <summary>Whether two processes run on the same host: Linux makes up a number at each boot that containers of the host see alike.</summary>
internal static class HostIdentity
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The number; <see langword="null"/> where there is none.</summary>
    public static byte[]? BootId { get; } = Read();

    private static byte[]? Read()
    {
        try
        {
            return OperatingSystem.IsLinux() && Guid.TryParse(File.ReadAllText(BootIdFile).Trim(), out Guid id) ? id.ToByteArray() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A sandbox without /proc: on no host, so to speak.
            return null;
        }
    }
}
