namespace Dora.Storage.Files;

/// <summary>What was dropped of a file.</summary>
/// <param name="Forgot">Whether metadata was forgotten.</param>
/// <param name="Bytes">Bytes of pages that were freed.</param>
public readonly record struct FileDrop(bool Forgot, long Bytes)
{
    /// <summary>Whether there was anything.</summary>
    public bool IsAny => Forgot || Bytes > 0;
}
