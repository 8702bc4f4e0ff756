using System.Diagnostics;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>The real disk, on which the process dies by SIGKILL before, after or in the middle of a chosen call that changes something.</summary>
internal sealed class SuicidalDevice(long deadlyCall, int seed) : IPageDevice
{
    private readonly FilePageDevice _disk = new();
    private readonly int _how = seed % 3;
    private readonly double _part = new Random(seed).NextDouble();
    private long _calls;

    public SafeFileHandle Lock(string path) => _disk.Lock(path);

    public IReadOnlyList<string> List(string directory) => _disk.List(directory);

    public SafeFileHandle Create(string path) => Dying(() => _disk.Create(path));

    public SafeFileHandle Open(string path) => _disk.Open(path);

    public SafeFileHandle OpenToRead(SafeFileHandle file) => _disk.OpenToRead(file);

    public int Read(SafeFileHandle file, Span<byte> destination, long position) => _disk.Read(file, destination, position);

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> source, long position)
    {
        if (IsDeadly())
        {
            _disk.Write(file, source[..Cut(source.Length)], position);
            Die();
        }

        _disk.Write(file, source, position);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, long position)
    {
        if (IsDeadly())
        {
            // The system may have written any part of either first.
            _disk.Write(file, head[..(_how == 1 ? head.Length : Cut(head.Length))], position);
            _disk.Write(file, payload[..(_how == 2 ? payload.Length : Cut(payload.Length))], position + head.Length);
            Die();
        }

        _disk.Write(file, head, payload, position);
    }

    public bool TryPunch(SafeFileHandle file, long position, long length) => Dying(() => _disk.TryPunch(file, position, length));

    public long AllocatedBytes(SafeFileHandle file) => _disk.AllocatedBytes(file);

    public long? NextData(SafeFileHandle file, long position) => _disk.NextData(file, position);

    public void Flush(SafeFileHandle file) => Dying(() =>
    {
        _disk.Flush(file);
        return true;
    });

    public void Cut(SafeFileHandle file, long length) => Dying(() =>
    {
        _disk.Cut(file, length);
        return true;
    });

    public void Delete(string path) => Dying(() =>
    {
        _disk.Delete(path);
        return true;
    });

    private int Cut(int length) => (int)(length * _part);

    private bool IsDeadly() => Interlocked.Increment(ref _calls) == deadlyCall;

    private T Dying<T>(Func<T> call)
    {
        bool isDeadly = IsDeadly();
        if (isDeadly && _how == 0)
        {
            Die();
        }

        T result = call();
        if (isDeadly)
        {
            Die();
        }

        return result;
    }

    private static void Die()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
