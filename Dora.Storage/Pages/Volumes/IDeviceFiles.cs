using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>The names on a disk and what they open.</summary>
internal interface IDeviceFiles
{
    /// <summary>Opens a file, made when missing, that no other process can open this way meanwhile.</summary>
    SafeFileHandle Lock(string path);

    /// <summary>The files of a directory.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Creates a file for reading and writing; fails when the name is taken.</summary>
    SafeFileHandle Create(string path);

    /// <summary>Opens a file for reading and writing.</summary>
    SafeFileHandle Open(string path);

    /// <summary>Opens an open file once more, for reading only, whether or not it has its name still.</summary>
    SafeFileHandle OpenToRead(SafeFileHandle file);

    /// <summary>Removes a name; open handles stay valid.</summary>
    void Delete(string path);
}
