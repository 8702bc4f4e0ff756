namespace Dora.Storage.Metadata;

/// <summary>
/// A file id as the memory level uses it: 96 of its 128 bits, of which 10 choose the stripe and need not be stored (in the one stripe of a small cache, 86 count). They are
/// bits of a SHA-256: among 48 million files, two that agree in 96 bits come with a probability of 10^-14.
/// </summary>
internal readonly struct MemoryKey
{
    public const int StripeBits = 10;

    public MemoryKey(FileId file)
    {
        Stored = (file.Low >> StripeBits) | (file.High << (64 - StripeBits));
        More = (file.High >> StripeBits) & 63;
        Tag = (ushort)Math.Max(1, file.High >> 48);
    }

    /// <summary>Kept in the entry. Its halves choose the two sets where the entry may lie.</summary>
    public ulong Stored { get; }

    /// <summary>Six bits, kept in the entry.</summary>
    public ulong More { get; }

    /// <summary>Kept in the set's head, where one comparison looks at all of them. 0 is an empty place.</summary>
    public ushort Tag { get; }

    /// <summary>The first set of an entry; as sets are added, it never moves down.</summary>
    public static int FirstSet(ulong stored, int sets) => (int)(((stored & uint.MaxValue) * (ulong)sets) >> 32);

    /// <summary>The second one, likewise.</summary>
    public static int SecondSet(ulong stored, int sets) => (int)(((stored >> 32) * (ulong)sets) >> 32);
}
