namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>Grain keys that no other test uses.</summary>
internal static class Keys
{
    private static int _last;

    internal static string New(string name = "k") => $"{name}-{Interlocked.Increment(ref _last)}";
}
