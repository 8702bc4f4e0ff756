using Microsoft.Win32.SafeHandles;

namespace Dora.Cli.Get;

/// <summary>
/// A file on its way: under a short random name of its own until it is whole, locked while somebody writes to it, and gone when it does not become whole. No other file is touched, and no half file is
/// ever under the right name.
/// </summary>
internal sealed class TargetFile : IDisposable
{
    private readonly TargetDirectory _directory;
    private readonly string _name;
    private bool _isPlaced;

    public TargetFile(TargetDirectory directory, string name, SafeFileHandle handle) => (_directory, _name, Handle) = (directory.Use(), name, handle);

    /// <summary>What is written to.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Gives the whole file its name and the time of what it is a copy of, if that is known.</summary>
    /// <exception cref="DoraException">The name is taken and <paramref name="replaces"/> is false, or is that of a directory.</exception>
    public void Place(string name, DateTimeOffset modified, bool replaces)
    {
        if (modified != default)
        {
            File.SetLastWriteTimeUtc(Handle, modified.UtcDateTime);
        }

        _directory.Place(_name, name, replaces);
        _isPlaced = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isPlaced)
        {
            _directory.Remove(_name);
        }

        Handle.Dispose();
        _directory.Dispose();
    }
}
