namespace Dora.Core.Linux;

/// <summary><c>struct iovec</c>: a part of memory that is read into or written from.</summary>
internal readonly unsafe struct IoVector(byte* start, nuint length)
{
    public readonly byte* Start = start;
    public readonly nuint Length = length;
}
