using System.Diagnostics.CodeAnalysis;

namespace Dora;

/// <summary>
/// Values by path prefix, found by the longest prefix of a path in a binary search, however many there are: a read asks for its mount. Immutable. Prefixes have no slash at their end; the
/// empty one is above all paths that begin with a slash.
/// </summary>
/// <typeparam name="T">What a prefix stands for.</typeparam>
internal sealed class PathPrefixes<T>
    where T : class
{
    private readonly string[] _prefixes;
    private readonly T[] _values;
    private readonly int[] _parents;

    /// <param name="values">Prefixes and what they stand for; of several with one prefix the first counts.</param>
    public PathPrefixes(IEnumerable<(string Prefix, T Value)> values)
    {
        (string Prefix, T Value)[] sorted = [.. values.DistinctBy(static v => v.Prefix)];
        Array.Sort(sorted, static (x, y) => Compare(x.Prefix, y.Prefix));
        _prefixes = Array.ConvertAll(sorted, static v => v.Prefix);
        _values = Array.ConvertAll(sorted, static v => v.Value);
        _parents = new int[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            // What covers a prefix comes before it, and between the two comes only what is covered by it too.
            int parent = i - 1;
            while (parent >= 0 && !Covers(_prefixes[parent], _prefixes[i]))
            {
                parent = _parents[parent];
            }

            _parents[i] = parent;
        }
    }

    /// <summary>The value of the longest prefix that covers a path.</summary>
    public bool TryFind(ReadOnlySpan<char> path, [MaybeNullWhen(false)] out T value)
    {
        int at = LastAtOrBefore(path);
        while (at >= 0 && !Covers(_prefixes[at], path))
        {
            at = _parents[at];
        }

        value = at >= 0 ? _values[at] : null;
        return at >= 0;
    }

    /// <summary>Whether a prefix lies below a path.</summary>
    public bool AnyBelow(ReadOnlySpan<char> path)
    {
        // What lies below a path follows it at once.
        int next = LastAtOrBefore(path) + 1;
        return next < _prefixes.Length && Covers(path, _prefixes[next]);
    }

    private static bool Covers(ReadOnlySpan<char> prefix, ReadOnlySpan<char> path) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');

    /// <summary>Ordinal, but for the slash, which comes before every other character, so that a directory is followed by all that is in it.</summary>
    private static int Compare(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        int same = x.CommonPrefixLength(y);
        return same == x.Length || same == y.Length ? x.Length.CompareTo(y.Length) : Rank(x[same]).CompareTo(Rank(y[same]));
    }

    private static int Rank(char c) => c == '/' ? -1 : c;

    private int LastAtOrBefore(ReadOnlySpan<char> path)
    {
        (int low, int high) = (0, _prefixes.Length);
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = Compare(_prefixes[middle], path) <= 0 ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }
}
