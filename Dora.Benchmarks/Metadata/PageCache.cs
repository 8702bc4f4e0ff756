namespace Dora.Benchmarks.Metadata;

/// <summary>Puts files into the operating system's page cache, so that every contender starts from the same state.</summary>
internal static class PageCache
{
    internal static void Warm(string directory)
    {
        byte[] buffer = new byte[4 << 20];
        foreach (string path in Directory.EnumerateFiles(directory))
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            while (file.Read(buffer) > 0)
            {
                // Reading is the point.
            }
        }
    }

    internal static long Bytes(string directory) => new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static f => f.Length);
}
