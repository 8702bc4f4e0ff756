using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Dora.Tests.Architecture;

/// <summary>All C# sources of the repository, parsed once for all tests.</summary>
internal static class SourceTrees
{
    private static readonly Lazy<IReadOnlyList<(string Path, SyntaxTree Tree)>> Parsed = new(Parse);

    public static IReadOnlyList<(string Path, SyntaxTree Tree)> All => Parsed.Value;

    /// <summary>All nodes of a kind.</summary>
    public static IEnumerable<(string Path, T Node)> Nodes<T>()
        where T : SyntaxNode =>
        All.SelectMany(static s => s.Tree.GetRoot().DescendantNodes().OfType<T>().Select(n => (s.Path, n)));

    private static IReadOnlyList<(string Path, SyntaxTree Tree)> Parse() =>
        [.. Repository.Files(".", "*.cs").AsParallel().AsOrdered()
            .Select(static f => (f, CSharpSyntaxTree.ParseText(Repository.Read(f), new CSharpParseOptions(LanguageVersion.Latest))))];
}
