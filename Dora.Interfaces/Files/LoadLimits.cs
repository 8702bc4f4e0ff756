namespace Dora.Interfaces;

/// <summary>Bounds that keep one grain call short.</summary>
public static class LoadLimits
{
    /// <summary>The most bytes one <see cref="IFileGrain.LoadAsync"/> call may ask for: 32 MiB.</summary>
    public const long MaxBytesPerCall = 32L * 1024 * 1024;
}
