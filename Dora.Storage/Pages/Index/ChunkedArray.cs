using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// An array that grows by chunks: no copy, no doubling, and a reader without a lock never meets memory that was given back. Chunks hold no
/// references and are pinned, so that the garbage collector neither scans nor moves them; they go with the array.
/// </summary>
internal sealed class ChunkedArray<T>
    where T : unmanaged
{
    private const int Shift = 8;
    private const int Length = 1 << Shift;

    // An array's header and length.
    private const int ChunkOverhead = 24;

    private static readonly T[] Nothing = new T[1];

    private T[]?[] _chunks = [];
    private int _used;

    /// <summary>Elements there is memory for.</summary>
    public int Capacity => _used << Shift;

    /// <summary>Bytes of memory, with the headers of the chunks and the places for them.</summary>
    public long MemoryBytes => ((long)_used * ((Length * Unsafe.SizeOf<T>()) + ChunkOverhead)) + ((long)_chunks.Length * nint.Size);

    /// <summary>An element; for whoever holds the lock.</summary>
    public ref T this[int index] => ref _chunks[index >> Shift]![index & (Length - 1)];

    /// <summary>An element as seen without the lock: whatever the index, memory is read that is ours; zeros beyond the capacity.</summary>
    public ref readonly T Peek(int index)
    {
        T[]?[] chunks = Volatile.Read(ref _chunks);
        int chunk = index >> Shift;
        return ref (uint)chunk < (uint)chunks.Length && chunks[chunk] is { } found
            ? ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(found), index & (Length - 1))
            : ref Nothing[0];
    }

    /// <summary>Makes memory for one more chunk of zeros.</summary>
    public void Grow()
    {
        if (_used == _chunks.Length)
        {
            var larger = new T[_used + Math.Max(4, _used / 4)][];
            _chunks.CopyTo(larger, 0);
            Volatile.Write(ref _chunks, larger);
        }

        Volatile.Write(ref _chunks[_used], GC.AllocateArray<T>(Length, pinned: true));
        _used++;
    }
}
