namespace Dora;

/// <summary>The grid on which cached pages are filled.</summary>
public static class PageGeometry
{
    /// <summary>A step of the grid, a block: 64 KiB. A cold read of 4 KiB costs one block, not a page.</summary>
    public const int ExtentGrid = 64 * 1024;
}
