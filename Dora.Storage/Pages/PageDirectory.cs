using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>A page store's directory: its names, and the lock that keeps a second worker out.</summary>
internal sealed class PageDirectory : IDisposable
{
    private const string Suffix = ".seg";
    private const string LockName = "lock";
    private const string AsideName = "set-aside";

    /// <summary>Linux' EWOULDBLOCK: somebody else holds the lock.</summary>
    private const int WouldBlock = 11;

    private readonly SafeFileHandle _lock;

    private PageDirectory(string path, SafeFileHandle @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    /// <summary>Creates the directory when missing and locks it.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: it cannot be written or another process has it.</exception>
    public static PageDirectory Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"page directory '{path}' cannot be created ({e.Message}): choose another directory", e);
        }

        try
        {
            string name = System.IO.Path.Combine(path, LockName);
            return new PageDirectory(path, File.OpenHandle(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"page directory '{path}' cannot be written: change its owner or choose another directory", e);
        }
        catch (IOException e) when (e.HResult != WouldBlock)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"page directory '{path}' cannot be used ({e.Message}): repair it or choose another directory", e);
        }
        catch (IOException e)
        {
            throw new DoraException(
                DoraErrorCode.Configuration, $"page directory '{path}' is in use by another Dora worker: stop that one or choose another directory", e);
        }
    }

    public string SegmentPath(ulong sequence) => System.IO.Path.Combine(Path, sequence.ToString("x16", CultureInfo.InvariantCulture) + Suffix);

    /// <summary>The files named as segments, in order, and the names of files that are not Dora's.</summary>
    public (List<(ulong Sequence, string Path)> Segments, List<string> Foreign) List()
    {
        var segments = new List<(ulong, string)>();
        var foreign = new List<string>();
        foreach (string file in Directory.EnumerateFiles(Path))
        {
            string name = System.IO.Path.GetFileName(file);
            if (name.Length == 16 + Suffix.Length
                && name.EndsWith(Suffix, StringComparison.Ordinal)
                && ulong.TryParse(name.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong sequence)
                && SegmentPath(sequence) == file)
            {
                segments.Add((sequence, file));
            }
            else if (name != LockName)
            {
                foreign.Add(file);
            }
        }

        segments.Sort();
        return (segments, foreign);
    }

    /// <summary>Moves a file out of the way, so that nothing takes it for a segment again.</summary>
    public string SetAside(string file)
    {
        string aside = System.IO.Path.Combine(Path, AsideName);
        Directory.CreateDirectory(aside);
        string target = System.IO.Path.Combine(aside, System.IO.Path.GetFileName(file));
        File.Move(file, target, overwrite: true);
        return target;
    }

    public void Dispose() => _lock.Dispose();
}
