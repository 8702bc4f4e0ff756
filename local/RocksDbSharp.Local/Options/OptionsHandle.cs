using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>
/// Base of the database, column family and flush options. Native databases copy their options when they open, so options may be used again or disposed at any time.
/// </summary>
/// <remarks>
/// The package's options types are not <see cref="IDisposable"/>: they wait for the finalizer. Here they are, explicitly. Code for both profiles
/// frees them at once with <c>(options as IDisposable)?.Dispose()</c>, which the package's types pass over; a bare <c>using</c> would not compile there.
/// </remarks>
public abstract class OptionsHandle : IDisposable
{
    private protected OptionsHandle(NativeHandle native) => Native = native;

    protected OptionsHandle()
        : this(new NativeHandle(OptionsApi.rocksdb_options_create(), OptionsApi.rocksdb_options_destroy))
    {
    }

    public IntPtr Handle => Native.Pointer;

    internal NativeHandle Native { get; }

    void IDisposable.Dispose() => Native.Dispose();
}
