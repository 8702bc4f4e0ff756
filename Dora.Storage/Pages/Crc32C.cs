using System.Numerics;
using System.Runtime.InteropServices;

namespace Dora.Storage.Pages;

/// <summary>
/// CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4): finds every burst up to 32 bits, and the processor computes it.
/// </summary>
internal static class Crc32C
{
    /// <summary>The checksum of some bytes; 0 for none.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (byte one in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
