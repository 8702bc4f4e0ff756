using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>What every disk does in the same steps.</summary>
internal static class PageDeviceExtensions
{
    /// <summary>Removes a file and its bytes, also from other processes that have it open.</summary>
    public static void DeleteEmptied(this IPageDevice device, string path)
    {
        using SafeFileHandle file = device.Open(path);
        device.Delete(path);
        device.Cut(file, 0);
    }
}
