using System.Buffers;

namespace Dora;

internal static class SchemeCharacters
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    internal static bool ContainsOnlySchemeCharacters(this ReadOnlySpan<char> text) => text.IndexOfAnyExcept(Allowed) < 0;
}
