using Dora.Storage.Pages.Records;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>Cached bytes in place: a part of an open file that stays intact until the lease is disposed, once.</summary>
public readonly struct PageLease : IDisposable
{
    private readonly IPageLeaseOwner? _owner;
    private readonly RecordPlace _place;

    internal PageLease(IPageLeaseOwner owner, RecordPlace place, SafeFileHandle file, long fileOffset, int length)
    {
        (_owner, _place, File, FileOffset, Length) = (owner, place, file, fileOffset, length);
    }

    /// <summary>The open file.</summary>
    public SafeFileHandle File { get; }

    /// <summary>First byte in <see cref="File"/>.</summary>
    public long FileOffset { get; }

    /// <summary>Number of bytes.</summary>
    public int Length { get; }

    /// <summary>Gives the bytes back.</summary>
    public void Dispose() => _owner?.Release(_place);
}
