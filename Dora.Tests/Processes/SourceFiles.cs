using System.Globalization;

namespace Dora.Tests.Processes;

/// <summary>Source files whose bytes are known from a seed.</summary>
internal static class SourceFiles
{
    /// <summary>Writes files of 0 bytes to about 3 MiB, some in directories.</summary>
    /// <returns>Their paths relative to the directory.</returns>
    public static IReadOnlyList<string> Write(string directory, int seed, int count)
    {
        var random = new Random(seed);
        List<string> names = [];
        for (int i = 0; i < count; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{(i % 3 == 0 ? "deep/er/" : string.Empty)}file {i}.bin");
            byte[] bytes = new byte[i == 0 ? 0 : random.Next(1, i % 10 == 0 ? 3_000_000 : 200_000)];
            random.NextBytes(bytes);
            string path = Path.Combine(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
            names.Add(name);
        }

        return names;
    }
}
