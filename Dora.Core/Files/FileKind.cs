namespace Dora;

/// <summary>What is at a path. Frozen on disk and on the wire.</summary>
public enum FileKind : byte
{
    /// <summary>Nothing: the store was asked and has no such name.</summary>
    Missing = 0,

    /// <summary>A file.</summary>
    File = 1,

    /// <summary>A directory, or a prefix with something below it.</summary>
    Directory = 2,
}
