using System.Collections.Concurrent;

namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>Objects that a grain saw or gave away, for the test to look at.</summary>
internal static class Shelf
{
    private static readonly ConcurrentDictionary<string, object> Objects = new(StringComparer.Ordinal);

    internal static void Put(string key, object value) => Objects[key] = value;

    internal static T Take<T>(string key) => (T)Objects[key];
}
