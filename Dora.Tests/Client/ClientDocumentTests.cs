using Dora.Tests.Architecture;

namespace Dora.Tests.Client;

/// <summary>The code in docs/client.md compiles: it is the code of <see cref="ClientExample"/>.</summary>
public sealed class ClientDocumentTests
{
    [Fact]
    public void Example_InTheDocument_IsTheOneThatCompiles()
    {
        string[] source = Repository.Read("Dora.Tests/Client/ClientExample.cs").Split('\n');
        int start = Array.FindIndex(source, static l => l.Trim() == "// example"), end = Array.FindIndex(source, static l => l.Trim() == "// end");
        string code = string.Join('\n', source[(start + 1)..end].Select(static l => l.Length > 8 ? l[8..] : string.Empty));

        Assert.Contains($"```csharp\n{code}\n```", Repository.Read("docs/client.md"), StringComparison.Ordinal);
    }
}
