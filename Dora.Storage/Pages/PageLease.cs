using Dora.Core.Linux;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>Cached bytes in place: a part of an open file that stays intact until the lease is disposed, once.</summary>
public readonly struct PageLease : IDisposable
{
    private readonly IPageLeaseOwner? _owner;
    private readonly RecordPlace _place;
    private readonly Segment _segment;

    internal PageLease(IPageLeaseOwner owner, RecordPlace place, Segment segment, long fileOffset, int length)
    {
        (_owner, _place, _segment, FileOffset, Length) = (owner, place, segment, fileOffset, length);
    }

    /// <summary>The open file.</summary>
    public SafeFileHandle File => _segment.File;

    /// <summary>First byte in <see cref="File"/>.</summary>
    public long FileOffset { get; }

    /// <summary>Number of bytes.</summary>
    public int Length { get; }

    /// <summary>Makes a loan of the lease, when the bytes are in the system's memory: then the loan is disposed, and not the lease.</summary>
    internal bool TryLend(out LentBytes lent)
    {
        lent = default;
        if (_segment.Mapping is not { } mapping || !mapping.IsInMemory(FileOffset, Length))
        {
            return false;
        }

        lent = new LentBytes(mapping, File, FileOffset, Length, _owner!, _place.ToLoan());
        return true;
    }

    /// <summary>Gives the bytes back.</summary>
    public void Dispose() => _owner?.Release(_place);
}
