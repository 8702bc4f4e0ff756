using System.Security.Cryptography;

namespace Dora;

/// <summary>Names of files that are not finished: <c>.dora-</c> and 32 hexadecimal digits. Short, so that every directory takes them, and random, so that nobody has one or can put something in its place.</summary>
internal static class DraftName
{
    private const string Prefix = ".dora-";
    private const int RandomBytes = 16;

    /// <summary>A name that nobody has.</summary>
    public static string New() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Whether a name looks like one of these.</summary>
    public static bool Is(string name) =>
        name.Length == Prefix.Length + (2 * RandomBytes) && name.StartsWith(Prefix, StringComparison.Ordinal) && !name.AsSpan(Prefix.Length).ContainsAnyExcept("0123456789abcdef");
}
