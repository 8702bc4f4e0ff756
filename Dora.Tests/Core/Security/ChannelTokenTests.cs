using System.Text;
using Dora.Tests.Doubles;

namespace Dora.Tests.Core.Security;

/// <summary>Where the page channel's token comes from.</summary>
public sealed class ChannelTokenTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Sources_AreTriedInOrder()
    {
        string given = Write("given", "a\n"), named = Write("named", "\n  b  \nc\n");
        Assert.Equal(["a"], Load(given, ("DORA_TOKEN_FILE", named), ("DORA_TOKEN", "d")));
        Assert.Equal(["b", "c"], Load(null, ("DORA_TOKEN_FILE", named), ("DORA_TOKEN", "d")));
        Assert.Equal(["d"], Load(null, ("DORA_TOKEN", "d")));
        Assert.Empty(Load(null));
    }

    [Fact]
    public void WrongSources_SayWhatToDo()
    {
        Assert.Contains("cannot be read", Error(_directory["nothing"]), StringComparison.Ordinal);
        Assert.Contains("is empty", Error(Write("empty", "\n\n")), StringComparison.Ordinal);
        Assert.Contains("more than 1024 bytes", Error(Write("long", new string('x', 1025))), StringComparison.Ordinal);
    }

    private static string[] Load(string? file, params (string Name, string Value)[] environment) =>
        [.. ChannelToken.Load(file, name => environment.FirstOrDefault(v => v.Name == name).Value).Select(static t => Encoding.UTF8.GetString(t.Span))];

    private static string Error(string file)
    {
        DoraException error = Assert.Throws<DoraException>(() => Load(file));
        Assert.Equal(DoraErrorCode.Configuration, error.Code);
        return error.Message;
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_directory[name], text);
        return _directory[name];
    }
}
