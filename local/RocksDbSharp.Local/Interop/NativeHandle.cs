using System.Runtime.InteropServices;

namespace RocksDbSharp.Interop;

/// <summary>
/// One native object. It counts its users: calls in flight, and the objects made from it (an iterator of its database), each of which keeps it open.
/// So closing in any order, from any thread, frees memory that nobody uses any more.
/// </summary>
internal sealed class NativeHandle : SafeHandle
{
    private readonly Action<nint> _release;
    private readonly NativeHandle[] _needs;

    /// <param name="value">The native pointer; zero is refused.</param>
    /// <param name="release">The native destructor.</param>
    /// <param name="needs">What must stay open for as long as this object lives.</param>
    public NativeHandle(nint value, Action<nint> release, params NativeHandle[] needs)
        : base(0, ownsHandle: true)
    {
        if (value == 0)
            throw new RocksDbSharpException("librocksdb returned no object: it is out of memory, or its version does not fit.");

        _release = release;
        _needs = needs;
        foreach (var need in needs)
        {
            var added = false;
            need.DangerousAddRef(ref added);
        }

        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The pointer, for the members of the package that hand it out.</summary>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    protected override bool ReleaseHandle()
    {
        _release(handle);
        foreach (var need in _needs)
            need.DangerousRelease();
        return true;
    }
}
