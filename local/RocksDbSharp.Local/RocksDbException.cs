using RocksDbSharp.Interop;

namespace RocksDbSharp;

public class RocksDbSharpException(string message) : Exception(message);

/// <summary>RocksDB refused or failed; the message is its own and starts with the kind ("IO error: ...", "Corruption: ...").</summary>
public class RocksDbException : RocksDbSharpException
{
    /// <param name="errptr">RocksDB's message; it is freed.</param>
    public RocksDbException(IntPtr errptr)
        : base(NativeText.TakeUtf8(errptr) ?? "RocksDB gave no reason.")
    {
    }

    internal static void ThrowIfSet(nint error)
    {
        if (error != 0)
            throw new RocksDbException(error);
    }
}
