namespace Dora.Interfaces;

/// <summary>What a worker has cached at and below a path, of the files that it has metadata of.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="Files">Files that the worker owns and has something of.</param>
/// <param name="Bytes">Bytes of those.</param>
/// <param name="Copies">Files of other owners that it has something of.</param>
/// <param name="CopyBytes">Bytes of those.</param>
[GenerateSerializer, Immutable, Alias("Dora.HeldSum")]
public sealed record HeldSum(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] long Files,
    [property: Id(3)] long Bytes,
    [property: Id(4)] long Copies,
    [property: Id(5)] long CopyBytes);
