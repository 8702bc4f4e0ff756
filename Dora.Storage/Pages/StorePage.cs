namespace Dora.Storage.Pages;

/// <summary>
/// The page that the store works with: 1 MiB of the file, whatever its mount's fetch size. That can so change without the cached
/// bytes meaning something else.
/// </summary>
public static class StorePage
{
    /// <summary>Bytes of a page.</summary>
    public const int Size = 1024 * 1024;

    /// <summary>Steps of the 64 KiB grid in a page.</summary>
    internal const int Blocks = Size / PageGeometry.ExtentGrid;

    /// <summary>The page that holds a byte of a file.</summary>
    /// <exception cref="OverflowException">Behind 4 PiB.</exception>
    public static uint IndexOf(long offset) => checked((uint)(offset / Size));
}
