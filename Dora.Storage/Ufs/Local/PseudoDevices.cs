using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>Tells the pseudo files of one listing apart: each device is asked once, whatever the number of files without blocks.</summary>
internal sealed class PseudoDevices(SafeFileHandle directory)
{
    private readonly Dictionary<ulong, bool> _devices = [];

    /// <summary>Whether a child is a pseudo file.</summary>
    public bool Has(in LinuxStat stat, string name)
    {
        if (!PseudoFiles.IsSuspicious(stat))
        {
            return false;
        }

        if (!_devices.TryGetValue(stat.Device, out bool isPseudo))
        {
            int errno = LinuxFile.PinAt(directory, name, out SafeFileHandle? pinned);
            using (pinned)
            {
                isPseudo = errno == Errno.None && PseudoFiles.Name(stat, pinned!) is not null;
            }

            _devices.Add(stat.Device, isPseudo);
        }

        return isPseudo;
    }
}
