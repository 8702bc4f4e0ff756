using System.Runtime.InteropServices;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Pages;

/// <summary>The bytes of the benchmark's pages: every 8 bytes are a function of page and place, so that any answer can be checked.</summary>
internal static class PageContent
{
    internal const int PageSize = FetchGeometry.DefaultSize;

    internal static PageKey Key(int page, ulong file = 1) => new(new FileId(0xD0_7A, file), new FileVersion(1), (uint)page);

    internal static void Fill(Span<byte> bytes, int page)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = Word(page, i);
        }
    }

    /// <summary>Ends the run when bytes are not those of a page.</summary>
    internal static void Check(string who, int page, int offset, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != Word(page, (offset / sizeof(ulong)) + i))
            {
                BenchmarkRun.Check(false, $"{who}: wrong bytes at {offset + (i * sizeof(ulong))} of page {page}");
            }
        }
    }

    private static ulong Word(int page, int index) => (((ulong)(uint)page << 32) + (uint)index + 1) * 0x9E37_79B9_7F4A_7C15;
}
