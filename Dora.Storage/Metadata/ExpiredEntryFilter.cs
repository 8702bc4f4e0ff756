using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Dora.Storage.Metadata;

/// <summary>
/// Lets compaction drop what is past its time to live, so that the disk gives it back without a tombstone. RocksDB calls in from its own threads, for every entry it
/// rewrites; the call must not throw. The age rule is the one of reads, so a clock that jumps costs questions to the store and nothing else.
/// </summary>
internal sealed unsafe class ExpiredEntryFilter : IDisposable
{
    /// <summary>Bytes of the value in the family of paths: when the entry was loaded, in whole seconds since 1970 by the wall clock, rounded up, little-endian.</summary>
    public const int PathStampSize = 4;

    private readonly MetadataExpiry _expiry;
    private readonly Judge _judge;

    private ExpiredEntryFilter(MetadataExpiry expiry, Judge judge)
    {
        _expiry = expiry;
        _judge = judge;
        var self = GCHandle.Alloc(this);
        delegate* unmanaged[Cdecl]<nint, void> destructor = &Destroy;
        delegate* unmanaged[Cdecl]<nint, int, byte*, nuint, byte*, nuint, byte**, nuint*, byte*, byte> filter = &Filter;
        delegate* unmanaged[Cdecl]<nint, byte*> name = &Name;
        Handle = Native.Instance.rocksdb_compactionfilter_create(GCHandle.ToIntPtr(self), (nint)destructor, (nint)filter, (nint)name);
    }

    private delegate bool Judge(MetadataExpiry expiry, ReadOnlySpan<byte> value);

    /// <summary>For the options of a column family.</summary>
    public nint Handle { get; private set; }

    public static ExpiredEntryFilter ForFiles(MetadataExpiry expiry) => new(
        expiry,
        static (expiry, value) => !MetadataRecord.TryReadStamp(value, out FileKind kind, out DateTimeOffset loadedAt) || !expiry.IsLive(kind, loadedAt));

    /// <summary>A path goes with its record or after it, never before: it is what finds the record.</summary>
    public static ExpiredEntryFilter ForPaths(MetadataExpiry expiry) => new(
        expiry,
        static (expiry, value) => value.Length >= PathStampSize
            && !expiry.IsLive(FileKind.File, DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32LittleEndian(value)), extraSkew: TimeSpan.FromSeconds(1)));

    public static void WritePathStamp(DateTimeOffset loadedAt, Span<byte> destination) =>
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)Math.Clamp(loadedAt.ToUnixTimeSeconds() + 1, 0, uint.MaxValue));

    /// <summary>Only after the database that uses it is closed.</summary>
    public void Dispose()
    {
        if (Handle != 0)
        {
            Native.Instance.rocksdb_compactionfilter_destroy(Handle);
            Handle = 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(nint state) => GCHandle.FromIntPtr(state).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* Name(nint state) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("dora.metadata.age\0"u8)); // static data of the assembly: it does not move

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte Filter(nint state, int level, byte* key, nuint keyLength, byte* value, nuint valueLength, byte** newValue, nuint* newLength, byte* changed)
    {
        try
        {
            var self = (ExpiredEntryFilter)GCHandle.FromIntPtr(state).Target!;
            return self._judge(self._expiry, new ReadOnlySpan<byte>(value, checked((int)valueLength))) ? (byte)1 : (byte)0;
        }
        catch (Exception)
        {
            return 0; // an exception must not cross into RocksDB; the entry stays, and reads judge it
        }
    }
}
