using System.Buffers.Binary;

namespace Dora.Benchmarks.Channel;

/// <summary>The files of the channel benchmark. Every 8 bytes are a function of file and place, so that any answer can be checked without the file.</summary>
/// <param name="directory">Where they are.</param>
internal sealed class TestFiles(string directory)
{
    internal const int LargeBytes = 64 * 1024 * 1024;
    internal const int MediumBytes = 100_000;
    internal const int MediumCount = 400;
    internal const int SmallBytes = 10 * 1024;
    internal const int SmallCount = 1000;

    internal string Directory { get; } = directory;

    internal string Large => Path.Combine(Directory, "large");

    /// <summary>The certificate of the contenders that speak TLS, beside the files.</summary>
    internal string Certificate => Path.GetFullPath(Path.Combine(Directory, "..", "tls.pem"));

    internal static string Medium(int index) => $"m/{index:0000}";

    internal static string Small(int index) => $"s/{index:0000}";

    internal void Write()
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "m"));
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "s"));
        WriteFile(Large, seed: 0, LargeBytes);
        for (int i = 0; i < MediumCount; i++)
        {
            WriteFile(Path.Combine(Directory, Medium(i)), MediumSeed(i), MediumBytes);
        }

        for (int i = 0; i < SmallCount; i++)
        {
            WriteFile(Path.Combine(Directory, Small(i)), SmallSeed(i), SmallBytes);
        }
    }

    internal static int MediumSeed(int index) => 10_000 + index;

    internal static int SmallSeed(int index) => 20_000 + index;

    /// <summary>Ends the run when the bytes are not those of the file at an offset, which is a multiple of 8.</summary>
    internal static void Check(string who, int seed, long offset, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i + 8 <= bytes.Length; i += 8)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..]) != Word(seed, offset + i))
            {
                throw new Harness.WrongAnswerException($"{who}: wrong bytes at {offset + i} of file {seed}");
            }
        }
    }

    private static void WriteFile(string path, int seed, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i + 8 <= length; i += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i), Word(seed, i));
        }

        File.WriteAllBytes(path, bytes);
    }

    private static ulong Word(int seed, long position) => ((ulong)position + ((ulong)seed << 40)) * 0x9E37_79B9_7F4A_7C15;
}
