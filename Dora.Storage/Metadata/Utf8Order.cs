namespace Dora.Storage.Metadata;

/// <summary>
/// Orders text as its UTF-8 bytes, which is how RocksDB orders paths. It differs from ordinal order only where surrogates meet the characters U+E000 to U+FFFF.
/// </summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static readonly Utf8Order Instance = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> a = x;
        ReadOnlySpan<char> b = y;
        int same = a.CommonPrefixLength(b);
        return same == a.Length || same == b.Length ? a.Length.CompareTo(b.Length) : Rank(a[same]).CompareTo(Rank(b[same]));
    }

    // Surrogates stand for code points above U+FFFF, so they go last.
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
