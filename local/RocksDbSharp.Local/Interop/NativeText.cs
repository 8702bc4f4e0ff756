using System.Runtime.InteropServices;

namespace RocksDbSharp.Interop;

internal static class NativeText
{
    /// <summary>Reads a string that RocksDB allocated, and frees it. Null stays null.</summary>
    public static string? TakeUtf8(nint text)
    {
        if (text == 0)
            return null;

        try
        {
            return Marshal.PtrToStringUTF8(text);
        }
        finally
        {
            DbApi.rocksdb_free(text);
        }
    }
}

/// <summary>The C API's <c>unsigned char</c> flags.</summary>
internal static class Flag
{
    public static byte Of(bool value) => value ? (byte)1 : (byte)0;
}
