namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>All files of a page directory as they were at one moment, by relative name.</summary>
internal sealed class DirectorySnapshot
{
    private const string Lock = "lock";

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>Relative names.</summary>
    public IReadOnlyCollection<string> Names => _files.Keys;

    public byte[] this[string name] => _files[name];

    public static DirectorySnapshot Take(string directory) => Take(directory, static _ => true);

    /// <summary>Of a directory that a store has open: what a kill would leave. The lock cannot be read then; it is the one of an earlier snapshot.</summary>
    public static DirectorySnapshot TakeOpen(string directory, DirectorySnapshot before)
    {
        DirectorySnapshot snapshot = Take(directory, static f => Path.GetFileName(f) != Lock);
        snapshot._files[Lock] = before[Lock];
        return snapshot;
    }

    private static DirectorySnapshot Take(string directory, Func<string, bool> which)
    {
        var snapshot = new DirectorySnapshot();
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(which))
        {
            snapshot._files[Path.GetRelativePath(directory, file)] = File.ReadAllBytes(file);
        }

        return snapshot;
    }

    /// <summary>Makes a directory hold exactly these files.</summary>
    public void Restore(string directory)
    {
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            if (!_files.ContainsKey(Path.GetRelativePath(directory, file)))
            {
                File.Delete(file);
            }
        }

        foreach ((string name, byte[] content) in _files)
        {
            Write(Path.Combine(directory, name), content);
        }
    }

    /// <summary>Writes a file with holes where its content is zero, as the store leaves them.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        const int Block = 4096;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        for (int at = 0; at < content.Length; at += Block)
        {
            ReadOnlySpan<byte> block = content.Slice(at, Math.Min(Block, content.Length - at));
            if (block.ContainsAnyExcept((byte)0))
            {
                file.Position = at;
                file.Write(block);
            }
        }

        file.SetLength(content.Length);
    }
}
