using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Dora.Tests.Architecture;

/// <summary>The numbers CONTRIBUTING.md promises: small files, methods, types and constructors, and no swallowed failure.</summary>
public sealed class HouseNumbersTests
{
    private const int MaxFileLines = 500;
    private const int MaxMethodLines = 80;
    private const int MaxTypeLines = 800;
    private const int MaxConstructorParameters = 7;
    private const int MaxMedianFileLines = 120;

    [Fact]
    public void Files_AreShort()
    {
        string[] tooLong = [.. SourceTrees.All.Select(static s => (s.Path, Lines: LineCount(s.Tree))).Where(static s => s.Lines > MaxFileLines).Select(static s => $"{s.Path}: {s.Lines}")];

        Assert.True(tooLong.Length == 0, $"files over {MaxFileLines} lines, split them by idea:\n{string.Join('\n', tooLong)}");
    }

    [Fact]
    public void Files_MedianIsSmall()
    {
        int[] lines = [.. SourceTrees.All.Select(static s => LineCount(s.Tree)).Order()];

        Assert.True(lines[lines.Length / 2] <= MaxMedianFileLines, $"the median file has {lines[lines.Length / 2]} lines, the aim is {MaxMedianFileLines} at most");
    }

    [Fact]
    public void Methods_AreShort() =>
        AssertNone<BaseMethodDeclarationSyntax>(
            static m => Span(m) > MaxMethodLines, static m => $"{Span(m)} lines", $"methods over {MaxMethodLines} lines, split them by step");

    [Fact]
    public void Types_AreSmallWithAllTheirParts()
    {
        string[] tooLarge = [.. SourceTrees.Nodes<TypeDeclarationSyntax>()
            .Where(static n => n.Node.Parent is not TypeDeclarationSyntax)
            .GroupBy(static n => (Folder: n.Path.Split('/')[0], Name: FullName(n.Node)))
            .Select(static g => (g.Key, Lines: g.Sum(static n => Span(n.Node))))
            .Where(static t => t.Lines > MaxTypeLines)
            .Select(static t => $"{t.Key.Name}: {t.Lines}")];

        Assert.True(tooLarge.Length == 0, $"types over {MaxTypeLines} lines, split them by job:\n{string.Join('\n', tooLarge)}");
    }

    [Fact]
    public void Constructors_TakeFewParameters()
    {
        IEnumerable<(string Path, string Name, int Count)> constructors = SourceTrees.Nodes<ConstructorDeclarationSyntax>()
            .Select(static n => (n.Path, n.Node.Identifier.Text, n.Node.ParameterList.Parameters.Count))
            .Concat(SourceTrees.Nodes<ClassDeclarationSyntax>().Select(static n => (n.Path, n.Node.Identifier.Text, n.Node.ParameterList?.Parameters.Count ?? 0)));
        string[] tooWide = [.. constructors.Where(static c => c.Count > MaxConstructorParameters).Select(static c => $"{c.Path}: {c.Name} takes {c.Count}")];

        Assert.True(tooWide.Length == 0, $"constructors over {MaxConstructorParameters} parameters, group what belongs together:\n{string.Join('\n', tooWide)}");
    }

    [Fact]
    public void Catches_AreNeverEmptyWithoutAReason() =>
        AssertNone<CatchClauseSyntax>(
            static c => c.Block.Statements.Count == 0 && !c.Block.DescendantTrivia().Any(static t => t.IsKind(SyntaxKind.SingleLineCommentTrivia)),
            static _ => "empty catch",
            "a swallowed failure needs a comment that says why");

    [Fact]
    public void Sources_HaveNoConditionalCompilation()
    {
        string[] conditional = [.. SourceTrees.All.Where(static s => s.Tree.GetRoot().ContainsDirectives && s.Tree.GetRoot().DescendantTrivia().Any(static t => t.IsKind(SyntaxKind.IfDirectiveTrivia))).Select(static s => s.Path)];

        Assert.True(conditional.Length == 0, $"one source, without #if:\n{string.Join('\n', conditional)}");
    }

    [Fact]
    public void Files_HoldOnePublicTypeNamedAsTheFile()
    {
        // Small records that only travel together may share a file; a class with behaviour may not hide in another's.
        string[] hidden = [.. SourceTrees.Nodes<ClassDeclarationSyntax>()
            .Where(static n => !n.Path.StartsWith("Dora.Tests/", StringComparison.Ordinal) && !n.Path.Contains("Tests/", StringComparison.Ordinal))
            .Where(static n => n.Node.Parent is BaseNamespaceDeclarationSyntax && n.Node.Modifiers.Any(SyntaxKind.PublicKeyword) && Span(n.Node) > 40)
            .Where(static n => !Path.GetFileNameWithoutExtension(n.Path).StartsWith(n.Node.Identifier.Text, StringComparison.Ordinal))
            .Select(static n => $"{n.Path}: {n.Node.Identifier.Text}")];

        Assert.True(hidden.Length == 0, $"public classes in files of another name:\n{string.Join('\n', hidden)}");
    }

    private static void AssertNone<T>(Func<T, bool> isBad, Func<T, string> describe, string rule)
        where T : SyntaxNode
    {
        string[] bad = [.. SourceTrees.Nodes<T>().Where(n => isBad(n.Node)).Select(n => $"{n.Path}:{n.Node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: {describe(n.Node)}")];

        Assert.True(bad.Length == 0, $"{rule}:\n{string.Join('\n', bad)}");
    }

    private static string FullName(TypeDeclarationSyntax type) =>
        $"{type.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name}.{type.Identifier.Text}`{type.Arity}";

    private static int Span(SyntaxNode node)
    {
        FileLinePositionSpan span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static int LineCount(SyntaxTree tree) => tree.GetText().Lines.Count;
}
