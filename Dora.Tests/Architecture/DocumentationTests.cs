using System.Text.RegularExpressions;

namespace Dora.Tests.Architecture;

/// <summary>Words that still match the code: paths and links in the documents lead somewhere.</summary>
public sealed partial class DocumentationTests
{
    public static TheoryData<string> Documents =>
        [.. Repository.Files(".", "*.md").Select(static f => f.StartsWith("./", StringComparison.Ordinal) ? f[2..] : f)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_NamesOnlyPathsThatExist(string document)
    {
        string text = Repository.Read(document);
        string folder = Path.GetDirectoryName(document) ?? string.Empty;
        IEnumerable<string> links = Link().Matches(text).Select(static m => m.Groups[1].Value).Where(static l => !l.Contains("://", StringComparison.Ordinal)).Select(l => Path.Combine(folder, l));
        IEnumerable<string> quoted = QuotedPath().Matches(text).Select(static m => m.Groups[1].Value);
        string[] dead = [.. links.Concat(quoted).Where(static p => !Exists(p)).Distinct()];

        Assert.True(dead.Length == 0, $"{document} names what is not there: {string.Join(", ", dead)}");
    }

    private static bool Exists(string path)
    {
        string full = Path.Combine(Repository.Root, path);
        return File.Exists(full) || Directory.Exists(full);
    }

    [GeneratedRegex(@"\]\(([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    // `Dora.Core/Ring/WorkerRing.cs`, `docs/ring.md`: repository paths in code quotes.
    [GeneratedRegex(@"`((?:Dora\.[A-Z][A-Za-z]+|docs|eng)/[A-Za-z0-9_./-]*)`")]
    private static partial Regex QuotedPath();
}
