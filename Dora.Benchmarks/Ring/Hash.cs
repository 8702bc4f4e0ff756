using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Dora.Benchmarks.Ring;

/// <summary>The hash functions of the contenders; all of them use the same, so that only the algorithms differ.</summary>
internal static class Hash
{
    /// <summary>Two independent 64-bit seeds of a worker: SHA-256 of its id.</summary>
    internal static (ulong First, ulong Second) Seeds(WorkerId id)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(id.Value));
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash.AsSpan(8)));
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection that mixes all bits.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
        return z ^ (z >> 31);
    }
}
