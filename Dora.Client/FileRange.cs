namespace Dora.Client;

/// <summary>A part of a file and where its bytes go.</summary>
/// <param name="Offset">First byte in the file, 0 or more.</param>
/// <param name="Buffer">Receives the bytes; its length is what is asked for.</param>
public readonly record struct FileRange(long Offset, Memory<byte> Buffer);
