using System.Globalization;
using System.Runtime.InteropServices;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Load;

/// <summary>Files of one length in directories of a thousand. Every 8 bytes are a function of file and place, so that any answer can be checked.</summary>
/// <param name="parent">Where the files and their copies go.</param>
/// <param name="name">Tells them from others.</param>
/// <param name="count">How many.</param>
/// <param name="length">Bytes of each, a multiple of 8.</param>
internal sealed class LoadFiles(DirectoryInfo parent, string name, int count, int length)
{
    private const int EachDirectory = 1000;

    private string Copies => Path.Combine(parent.FullName, name + "-copies");

    internal string Name => name;

    internal int Count => count;

    internal int Length => length;

    internal long Bytes => (long)count * length;

    internal string Source => Path.Combine(parent.FullName, name);

    internal static string PathOf(int index) => string.Create(CultureInfo.InvariantCulture, $"d{index / EachDirectory:000}/f{index % EachDirectory:000}");

    internal void Write()
    {
        MakeDirectories(Source);
        Parallel.For(0, count, static () => Array.Empty<byte>(), (i, _, buffer) => WriteFile(i, buffer), static _ => { });
    }

    /// <summary>What a program would do without Dora: as many copies at a time as there are processors.</summary>
    internal void Copy()
    {
        MakeDirectories(Copies);
        string copies = Copies;
        Parallel.ForEach(
            Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            file => File.Copy(file, copies + file[Source.Length..]));
    }

    internal void DeleteCopies() => Directory.Delete(Copies, recursive: true);

    /// <summary>Ends the run when the bytes are not those of the file at an offset, which is a multiple of 8.</summary>
    internal static void Check(int index, long offset, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != Word(index, (offset / sizeof(ulong)) + i))
            {
                BenchmarkRun.Check(false, $"wrong bytes at {offset + (i * sizeof(ulong))} of {PathOf(index)}");
            }
        }
    }

    private byte[] WriteFile(int index, byte[] buffer)
    {
        const int Step = 1 << 20;
        buffer = buffer.Length == 0 ? new byte[Math.Min(length, Step)] : buffer;
        using FileStream file = File.Create(Path.Combine(Source, PathOf(index)), bufferSize: 1);
        for (long offset = 0; offset < length; offset += buffer.Length)
        {
            Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(buffer.AsSpan());
            for (int i = 0; i < words.Length; i++)
            {
                words[i] = Word(index, (offset / sizeof(ulong)) + i);
            }

            file.Write(buffer);
        }

        return buffer;
    }

    private void MakeDirectories(string root)
    {
        for (int i = 0; i < count; i += EachDirectory)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, PathOf(i)))!);
        }
    }

    private static ulong Word(int index, long place) => (((ulong)(uint)index << 32) + (ulong)place + 1) * 0x9E37_79B9_7F4A_7C15;
}
