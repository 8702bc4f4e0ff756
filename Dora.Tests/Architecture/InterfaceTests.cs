using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Dora.Tests.Architecture;

/// <summary>Interfaces are small, and every member must be written by who implements them: a double cannot miss a feature without the compiler saying so.</summary>
public sealed class InterfaceTests
{
    private const int MaxMembers = 6;

    /// <summary>Grain interfaces whose callers and silos may be of different versions: to split one would be another contract.</summary>
    private static readonly string[] Contracts = ["IMountTableGrain"];

    private static readonly Lazy<IReadOnlyList<(string Path, InterfaceDeclarationSyntax Interface)>> Interfaces = new(Parse);

    [Fact]
    public void Interfaces_HaveAtMostSixMembers()
    {
        string[] large = [.. Interfaces.Value
            .Where(static i => i.Interface.Members.Count > MaxMembers && !Contracts.Contains(i.Interface.Identifier.Text))
            .Select(static i => $"{i.Path}: {i.Interface.Identifier.Text} has {i.Interface.Members.Count}")];

        Assert.True(large.Length == 0, $"interfaces over {MaxMembers} members, split them by what callers need:\n{string.Join('\n', large)}");
    }

    [Fact]
    public void Interfaces_HaveNoDefaultImplementations()
    {
        string[] written = [.. Interfaces.Value
            .SelectMany(static i => i.Interface.Members.Where(HasBody).Select(m => $"{i.Path}: {i.Interface.Identifier.Text} line {m.GetLocation().GetLineSpan().StartLinePosition.Line + 1}"))];

        Assert.True(written.Length == 0, $"members with a default implementation, make them abstract or extension methods:\n{string.Join('\n', written)}");
    }

    private static bool HasBody(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax m => m.Body is not null || m.ExpressionBody is not null,
        PropertyDeclarationSyntax p => p.ExpressionBody is not null || p.Initializer is not null || p.AccessorList?.Accessors.Any(static a => a.Body is not null || a.ExpressionBody is not null) == true,
        FieldDeclarationSyntax f => !f.Modifiers.Any(static m => m.Text == "const"),
        _ => true,
    };

    private static IReadOnlyList<(string Path, InterfaceDeclarationSyntax Interface)> Parse() =>
        [.. SourceTrees.Nodes<InterfaceDeclarationSyntax>().Where(static i =>
            i.Path.StartsWith("Dora.", StringComparison.Ordinal) && !i.Path.StartsWith("Dora.Tests/", StringComparison.Ordinal) && !i.Path.StartsWith("Dora.Benchmarks/", StringComparison.Ordinal))];
}
