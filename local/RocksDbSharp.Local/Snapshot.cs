using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>A moment of the database, read through <see cref="ReadOptions.SetSnapshot"/>. Release it after the iterators that use it.</summary>
public class Snapshot : IDisposable
{
    internal Snapshot(nint snapshot, NativeHandle database)
    {
        // The handle keeps the database open, so its pointer is good until the release below has run.
        var db = database.Pointer;
        Native = new NativeHandle(snapshot, handle => DbApi.rocksdb_release_snapshot(db, handle), database);
    }

    public IntPtr Handle => Native.Pointer;

    internal NativeHandle Native { get; }

    internal bool IsReleased => Native.IsClosed;

    public void Dispose() => Native.Dispose();
}
