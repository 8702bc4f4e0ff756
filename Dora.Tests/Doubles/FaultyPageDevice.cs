using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Doubles;

/// <summary>A disk that fails when told to, and counts what is asked of it.</summary>
internal sealed class FaultyPageDevice : IPageDevice
{
    private readonly FilePageDevice _disk = new();
    private int _reads;
    private int _writes;

    /// <summary>Called before each write; throws to refuse it.</summary>
    public Action<int>? OnWrite { get; set; }

    /// <summary>Called before each read; throws to refuse it.</summary>
    public Action? OnRead { get; set; }

    /// <summary>Called before a part of a file is given back.</summary>
    public Action? OnPunch { get; set; }

    /// <summary>Called with each path that is locked, listed, created, opened or deleted; throws to refuse it.</summary>
    public Action<string>? OnPath { get; set; }

    /// <summary>Whether the disk gives parts of files back.</summary>
    public bool CanPunch { get; init; } = true;

    public int Reads => Volatile.Read(ref _reads);

    public int Writes => Volatile.Read(ref _writes);

    public SafeFileHandle Lock(string path) => _disk.Lock(Passed(path));

    public IReadOnlyList<string> List(string directory) => _disk.List(Passed(directory));

    public SafeFileHandle Create(string path) => _disk.Create(Passed(path));

    public SafeFileHandle Open(string path) => _disk.Open(Passed(path));

    public SafeFileHandle OpenToRead(SafeFileHandle file) => _disk.OpenToRead(file);

    public int Read(SafeFileHandle file, Span<byte> destination, long position)
    {
        Interlocked.Increment(ref _reads);
        OnRead?.Invoke();
        return _disk.Read(file, destination, position);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> source, long position)
    {
        Interlocked.Increment(ref _writes);
        OnWrite?.Invoke(source.Length);
        _disk.Write(file, source, position);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, long position)
    {
        Interlocked.Increment(ref _writes);
        OnWrite?.Invoke(head.Length + payload.Length);
        _disk.Write(file, head, payload, position);
    }

    public bool TryPunch(SafeFileHandle file, long position, long length)
    {
        OnPunch?.Invoke();
        return CanPunch && _disk.TryPunch(file, position, length);
    }

    public long AllocatedBytes(SafeFileHandle file) => _disk.AllocatedBytes(file);

    public long? NextData(SafeFileHandle file, long position) => CanPunch ? _disk.NextData(file, position) : position;

    public void Flush(SafeFileHandle file)
    {
        OnWrite?.Invoke(0);
        _disk.Flush(file);
    }

    public void Cut(SafeFileHandle file, long length) => _disk.Cut(file, length);

    public void Delete(string path) => _disk.Delete(Passed(path));

    private string Passed(string path)
    {
        OnPath?.Invoke(path);
        return path;
    }
}
