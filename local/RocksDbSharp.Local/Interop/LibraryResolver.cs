using System.Reflection;
using System.Runtime.InteropServices;

namespace RocksDbSharp.Interop;

/// <summary>Finds the system's RocksDB, whose file name carries the version on Debian and its kin.</summary>
internal static class LibraryResolver
{
    public const string LibraryName = "rocksdb";

    private const int OldestMajor = 7;
    private const int NewestMajor = 11;
    private const int NewestMinor = 12;

    public static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(LibraryResolver).Assembly, (name, assembly, path) => name == LibraryName ? Load(Candidates(), assembly, path) : 0);

    /// <summary>The library, or an exception that says which package to install.</summary>
    internal static nint Load(IEnumerable<string> candidates, Assembly assembly, DllImportSearchPath? path)
    {
        foreach (var candidate in candidates)
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle))
                return handle;

        throw new DllNotFoundException(
            "The RocksDB library (librocksdb) was not found on this machine. Install it: 'apt-get install librocksdb7.8' on Debian 12, "
            + "the package librocksdb8.9 or newer on other distributions; or use the nuget package profile, which brings its own.");
    }

    /// <summary>The tested version first, then the others that a distribution may carry, then the unversioned name.</summary>
    internal static IEnumerable<string> Candidates()
    {
        yield return "librocksdb.so.7.8";
        for (var major = OldestMajor; major <= NewestMajor; major++)
        {
            yield return $"librocksdb.so.{major}";
            for (var minor = NewestMinor; minor >= 0; minor--)
                yield return $"librocksdb.so.{major}.{minor}";
        }

        yield return "librocksdb.so";
        yield return "librocksdb.dylib";
    }
}
