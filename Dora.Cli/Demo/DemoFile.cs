using System.Security.Cryptography;

namespace Dora.Cli.Demo;

/// <summary>A source file and what its bytes must be.</summary>
/// <param name="DoraPath">Where Dora shows it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Of its bytes, read from the source directly.</param>
internal sealed record DemoFile(string DoraPath, long Length, byte[] Sha256)
{
    /// <summary>Every readable regular file below a directory; links are left out because they may lead outside.</summary>
    public static async Task<IReadOnlyList<DemoFile>> ReadAllAsync(string directory, string mount, CancellationToken cancellationToken)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device, IgnoreInaccessible = true };
        List<DemoFile> files = [];
        foreach (string path in Directory.EnumerateFiles(directory, "*", options).Order(StringComparer.Ordinal))
        {
            await using FileStream source = File.OpenRead(path);
            byte[] hash = await SHA256.HashDataAsync(source, cancellationToken);
            files.Add(new DemoFile(mount + "/" + Path.GetRelativePath(directory, path).Replace('\\', '/'), source.Length, hash));
        }

        return files;
    }
}
