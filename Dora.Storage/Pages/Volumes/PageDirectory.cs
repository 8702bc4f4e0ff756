using System.Globalization;
using System.Security.Cryptography;
using Dora.Storage.Pages.Records;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>A page store's directory: its names, its id, and the lock that keeps a second worker out.</summary>
internal sealed class PageDirectory(string path, IPageDevice device) : IDisposable
{
    private const string SegmentSuffix = ".seg";
    private const string ImageSuffix = ".index";
    private const string TemporarySuffix = ".tmp";
    private const string LockName = "lock";
    private const string ProbeName = "probe.tmp";
    private const string AsideName = "set-aside";

    /// <summary>Linux' EWOULDBLOCK: somebody else holds the lock.</summary>
    private const int WouldBlock = 11;

    private SafeFileHandle? _lock;

    public string Path { get; } = path;

    /// <summary>The number in the headers of its segments; 0 until <see cref="Identify"/>.</summary>
    public ulong Id { get; private set; }

    /// <summary>What was changed so that other users cannot read it, in one line; <see langword="null"/>: nothing.</summary>
    public string? Mended { get; private set; }

    /// <summary>Whether its files were judged since start: what is not Dora's is out of the way.</summary>
    public bool IsPrepared { get; set; }

    /// <summary>Creates the directory when missing and locks it; once more when it is locked already, as its file system may be another one by now.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: it cannot be written or another process has it.</exception>
    /// <exception cref="IOException">Its disk is broken.</exception>
    public void Lock()
    {
        Dispose();
        try
        {
            CreateIfMissing();
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e) && !DiskErrors.IsBroken(e))
        {
            throw new DoraException(DoraErrorCode.Configuration, $"page directory '{Path}' cannot be created ({e.Message}): choose another directory", e);
        }

        try
        {
            _lock = device.Lock(System.IO.Path.Combine(Path, LockName));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"page directory '{Path}' cannot be written: change its owner or choose another directory", e);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new DoraException(
                DoraErrorCode.Configuration, $"page directory '{Path}' is in use by another Dora worker: stop that one or choose another directory", e);
        }
        catch (IOException e) when (!DiskErrors.IsBroken(e))
        {
            throw new DoraException(DoraErrorCode.Configuration, $"page directory '{Path}' cannot be used ({e.Message}): repair it or choose another directory", e);
        }
    }

    /// <summary>Reads the id, or takes that of the segments when the lock file lost it, or makes a new one.</summary>
    /// <param name="ofSegments">The id in the headers of the segments; 0 when there are none.</param>
    public void Identify(ulong ofSegments)
    {
        Span<byte> bytes = stackalloc byte[DirectoryIdentity.Size];
        int read = RandomAccess.Read(_lock!, bytes, 0);
        if (DirectoryIdentity.TryRead(bytes[..read]) is { } id)
        {
            Id = id;
            return;
        }

        Id = ofSegments != 0 ? ofSegments : BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;
        DirectoryIdentity.Write(bytes, Id);
        RandomAccess.Write(_lock!, bytes, 0);
    }

    public string SegmentPath(ulong sequence) => Named(sequence, SegmentSuffix);

    /// <summary>The name of an index image.</summary>
    public string ImagePath(ulong generation) => Named(generation, ImageSuffix);

    /// <summary>The name of an index image that is being written.</summary>
    public string TemporaryPath(ulong generation) => Named(generation, TemporarySuffix);

    /// <summary>What is there.</summary>
    public PageDirectoryContent List()
    {
        var content = new PageDirectoryContent([], [], [], []);
        foreach (string file in device.List(Path))
        {
            if (TryParse(file, SegmentSuffix, out ulong sequence))
            {
                content.Segments.Add((sequence, file));
            }
            else if (TryParse(file, ImageSuffix, out ulong generation))
            {
                content.Images.Add((generation, file));
            }
            else if (TryParse(file, TemporarySuffix, out _) || file == ProbePath)
            {
                content.Leftovers.Add(file);
            }
            else if (System.IO.Path.GetFileName(file) != LockName)
            {
                content.Foreign.Add(file);
            }
        }

        content.Segments.Sort();
        content.Images.Sort();
        return content;
    }

    /// <summary>Moves a file out of the way, so that nothing takes it for a segment again.</summary>
    public string SetAside(string file)
    {
        string aside = System.IO.Path.Combine(Path, AsideName);
        PrivateFiles.CreateDirectory(aside);
        string target = System.IO.Path.Combine(aside, System.IO.Path.GetFileName(file));
        File.Move(file, target, overwrite: true);
        return target;
    }

    /// <summary>Writes, syncs and reads a file: whether the disk works.</summary>
    public bool Works()
    {
        byte[] written = RandomNumberGenerator.GetBytes(RecordPlace.StepSize);
        byte[] read = new byte[written.Length];
        if (File.Exists(ProbePath))
        {
            device.Delete(ProbePath);
        }

        using (SafeFileHandle file = device.Create(ProbePath))
        {
            device.Write(file, written, 0);
            device.Flush(file);
            device.Read(file, read, 0);
        }

        device.Delete(ProbePath);
        return read.AsSpan().SequenceEqual(written);
    }

    /// <summary>Deletes all segments and images.</summary>
    public void Clear()
    {
        PageDirectoryContent content = List();
        foreach ((_, string path) in content.Segments)
        {
            device.DeleteEmptied(path);
        }

        foreach (string file in content.Images.Select(static f => f.Path).Concat(content.Leftovers))
        {
            device.Delete(file);
        }
    }

    public void Dispose() => _lock?.Dispose();

    private void CreateIfMissing()
    {
        try
        {
            // Looked at first: "create" calls a directory on a broken disk a file in the way.
            if (File.GetAttributes(Path).HasFlag(FileAttributes.Directory))
            {
                Mended ??= PrivateFiles.OpenDirectory(Path, IsOwn, "--page-dir");
                return;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Missing.
        }

        PrivateFiles.CreateDirectory(Path);
    }

    /// <summary>Whether a name in a page directory is Dora's, of whatever version.</summary>
    private static bool IsOwn(string name) => name is LockName or AsideName || System.IO.Path.GetExtension(name) is SegmentSuffix or ImageSuffix or TemporarySuffix;

    private string ProbePath => System.IO.Path.Combine(Path, ProbeName);

    private string Named(ulong number, string suffix) => System.IO.Path.Combine(Path, number.ToString("x16", CultureInfo.InvariantCulture) + suffix);

    private bool TryParse(string file, string suffix, out ulong number)
    {
        string name = System.IO.Path.GetFileName(file);
        number = 0;
        return name.Length == 16 + suffix.Length
            && name.EndsWith(suffix, StringComparison.Ordinal)
            && ulong.TryParse(name.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            && Named(number, suffix) == file;
    }
}

/// <summary>The files of a directory.</summary>
/// <param name="Segments">Files named as segments, in order.</param>
/// <param name="Images">Files named as index images, in order.</param>
/// <param name="Leftovers">Files that a crash left half written.</param>
/// <param name="Foreign">Files that are not Dora's.</param>
internal sealed record PageDirectoryContent(
    List<(ulong Sequence, string Path)> Segments, List<(ulong Generation, string Path)> Images, List<string> Leftovers, List<string> Foreign);
