namespace Dora;

/// <summary>Names one page: pages are keyed by file, version and index, so that pages of two versions can never mix.</summary>
/// <param name="File">The file.</param>
/// <param name="Version">The content of the file the page belongs to.</param>
/// <param name="Index">Page number, from 0; the page holds bytes [Index × page size, (Index + 1) × page size).</param>
public readonly record struct PageKey(FileId File, FileVersion Version, uint Index);
