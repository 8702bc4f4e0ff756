using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dora.Storage.Pages.Records;

/// <summary>
/// CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4): finds every burst up to 32 bits, and the processor computes it. Long inputs are folded by carry-less
/// multiplication ("Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Gopal and others, Intel 2009), 256 bytes a step, where the processor has it on 64-byte
/// vectors: about as fast as the bytes come from the cache.
/// </summary>
internal static class Crc32C
{
    private const uint Polynomial = 0x82F6_3B78;

    /// <summary>128-bit lanes in flight.</summary>
    private const int Lanes = 16;

    private const int LaneBytes = 16;
    private const int Step = Lanes * LaneBytes;

    /// <summary>Below this the set-up costs more than it saves.</summary>
    private const int LeastFolded = 4 * Step;

    private static readonly Vector128<ulong> AcrossAll = FoldBy(Lanes * 128);
    private static readonly Vector128<ulong> AcrossOne = FoldBy(128);

    /// <summary>The checksum of some bytes; 0 for none.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) =>
        Pclmulqdq.V512.IsSupported && bytes.Length >= LeastFolded ? ~Folded(bytes) : ~Serial(uint.MaxValue, bytes);

    internal static uint Serial(uint crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (byte one in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return crc;
    }

    private static uint Folded(ReadOnlySpan<byte> bytes)
    {
        ref byte from = ref MemoryMarshal.GetReference(bytes);
        var factor = Vector512.Create(Vector256.Create(AcrossAll, AcrossAll), Vector256.Create(AcrossAll, AcrossAll));
        Vector512<ulong> a = Load(ref from, 0) ^ Vector512.CreateScalar((ulong)uint.MaxValue);
        Vector512<ulong> b = Load(ref from, 64);
        Vector512<ulong> c = Load(ref from, 128);
        Vector512<ulong> d = Load(ref from, 192);
        int at = Step;
        for (; at + Step <= bytes.Length; at += Step)
        {
            a = Fold(a, factor) ^ Load(ref from, at);
            b = Fold(b, factor) ^ Load(ref from, at + 64);
            c = Fold(c, factor) ^ Load(ref from, at + 128);
            d = Fold(d, factor) ^ Load(ref from, at + 192);
        }

        Vector128<ulong> rest = Join(Join(Join(Join(Vector128<ulong>.Zero, a), b), c), d);
        uint crc = BitOperations.Crc32C(BitOperations.Crc32C(0, rest[0]), rest[1]);
        return Serial(crc, bytes[at..]);
    }

    private static Vector512<ulong> Load(ref byte from, int at) => Vector512.LoadUnsafe(ref from, (nuint)at).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> lanes, Vector512<ulong> factor) =>
        Pclmulqdq.V512.CarrylessMultiply(lanes, factor, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(lanes, factor, 0x11);

    private static Vector128<ulong> Join(Vector128<ulong> rest, Vector512<ulong> lanes)
    {
        rest = Next(rest) ^ lanes.GetLower().GetLower();
        rest = Next(rest) ^ lanes.GetLower().GetUpper();
        rest = Next(rest) ^ lanes.GetUpper().GetLower();
        return Next(rest) ^ lanes.GetUpper().GetUpper();
    }

    private static Vector128<ulong> Next(Vector128<ulong> lane) =>
        Pclmulqdq.CarrylessMultiply(lane, AcrossOne, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, AcrossOne, 0x11);

    /// <summary>What the two halves of a lane are multiplied with to stand a number of bits later.</summary>
    private static Vector128<ulong> FoldBy(int bits) => Vector128.Create((ulong)PowerOfX(bits + 32) << 1, (ulong)PowerOfX(bits - 32) << 1);

    /// <summary>x^n modulo the polynomial, in the reflected order: the highest bit is x^0.</summary>
    private static uint PowerOfX(int n)
    {
        uint power = 0x8000_0000;
        for (int i = 0; i < n; i++)
        {
            power = (power >> 1) ^ ((power & 1) * Polynomial);
        }

        return power;
    }
}
