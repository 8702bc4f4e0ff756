using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Doubles;

/// <summary>
/// A disk that fails as disks do, by chance and by directory: I/O errors on read and write, writes that stop half way, a full disk, holes that cannot be
/// punched, calls that yield to other threads. Seeded; harmless while <see cref="Rate"/> is zero.
/// </summary>
internal sealed class ChaosPageDevice(int seed) : IPageDevice
{
    private const int NoSpace = 28;
    private const int IoError = 5;

    private readonly FilePageDevice _disk = new();
    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();
    private int _failures;

    /// <summary>The chance of a call to fail, 0 to 1.</summary>
    public double Rate { get; set; }

    /// <summary>The directory on which every call fails; <see langword="null"/> for none.</summary>
    public string? Broken { get; set; }

    /// <summary>Calls that failed so far.</summary>
    public int Failures => Volatile.Read(ref _failures);

    public SafeFileHandle Lock(string path) => _disk.Lock(path);

    public IReadOnlyList<string> List(string directory) => _disk.List(directory);

    public SafeFileHandle Create(string path)
    {
        Maybe(path, NoSpace);
        return Named(_disk.Create(path), path);
    }

    public SafeFileHandle Open(string path)
    {
        Maybe(path, IoError);
        return Named(_disk.Open(path), path);
    }

    public SafeFileHandle OpenToRead(SafeFileHandle file) => _disk.OpenToRead(file);

    public int Read(SafeFileHandle file, Span<byte> destination, long position)
    {
        Maybe(PathOf(file), IoError);
        return _disk.Read(file, destination, position);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> source, long position)
    {
        if (Fails(PathOf(file)))
        {
            _disk.Write(file, source[..Part(source.Length)], position);
            throw Error(Chance(0.5) ? NoSpace : IoError);
        }

        _disk.Write(file, source, position);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, long position)
    {
        if (Fails(PathOf(file)))
        {
            int part = Part(head.Length + payload.Length);
            _disk.Write(file, head[..Math.Min(part, head.Length)], position);
            _disk.Write(file, payload[..Math.Max(0, part - head.Length)], position + head.Length);
            throw Error(Chance(0.5) ? NoSpace : IoError);
        }

        _disk.Write(file, head, payload, position);
    }

    public bool TryPunch(SafeFileHandle file, long position, long length)
    {
        Maybe(PathOf(file), IoError);
        return _disk.TryPunch(file, position, length);
    }

    public long AllocatedBytes(SafeFileHandle file)
    {
        Maybe(PathOf(file), IoError);
        return _disk.AllocatedBytes(file);
    }

    public long? NextData(SafeFileHandle file, long position)
    {
        Maybe(PathOf(file), IoError);
        return _disk.NextData(file, position);
    }

    public void Flush(SafeFileHandle file)
    {
        Maybe(PathOf(file), IoError);
        _disk.Flush(file);
    }

    public void Cut(SafeFileHandle file, long length)
    {
        Maybe(PathOf(file), IoError);
        _disk.Cut(file, length);
    }

    public void Delete(string path)
    {
        Maybe(path, IoError);
        _disk.Delete(path);
    }

    private void Maybe(string path, int error)
    {
        if (Fails(path))
        {
            throw Error(error);
        }
    }

    private bool Fails(string path)
    {
        bool fails = (Broken is { } broken && path.StartsWith(broken, StringComparison.Ordinal)) || Chance(Rate);
        if (fails)
        {
            Interlocked.Increment(ref _failures);
        }
        else if (Rate > 0 && Chance(0.05))
        {
            Thread.Yield();
        }

        return fails;
    }

    private bool Chance(double chance)
    {
        lock (_gate)
        {
            return _random.NextDouble() < chance;
        }
    }

    private int Part(int length)
    {
        lock (_gate)
        {
            return _random.Next(length + 1);
        }
    }

    /// <summary>As .NET reports it: the error number is in the result code.</summary>
    private static IOException Error(int number) => new($"injected error {number}", number);

    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<SafeFileHandle, string> _paths = [];

    private SafeFileHandle Named(SafeFileHandle file, string path)
    {
        _paths.Add(file, path);
        return file;
    }

    private string PathOf(SafeFileHandle file) => _paths.TryGetValue(file, out string? path) ? path : string.Empty;
}
