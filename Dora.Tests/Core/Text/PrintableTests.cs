using System.Diagnostics;

namespace Dora.Tests.Core.Text;

public sealed class PrintableTests
{
    public static TheoryData<string, string> Names => new()
    {
        { "plain name.txt", "plain name.txt" },
        { "Größe 大小 🎉.bin", "Größe 大小 🎉.bin" },
        { "it's", "it's" },
        { "a\nb", @"'a'$'\n''b'" },
        { "\u001b[2Jgone", @"''$'\033''[2Jgone'" },
        { "'a'$'b", @"''\''a'\''$'\''b'" },
        { "it's\ta\r\ntrap\u007f", @"'it'\''s'$'\t''a'$'\r\n''trap'$'\177'''" },
        { "c1\u009b31m", @"'c1'$'\302\233''31m'" },
        { "exe\u202egpj", @"'exe'$'\342\200\256''gpj'" },
        { "line\u2028two", @"'line'$'\342\200\250''two'" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Name_IsQuotedAsCoreutilsDoes(string name, string expected) => Assert.Equal(expected, Printable.Name(name));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Name_IsReadBackByAShell(string name, string expected)
    {
        string word = expected == name ? $"\"{name}\"" : Printable.Name(name);
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"printf %s {word}"]) { RedirectStandardOutput = true })!;

        Assert.Equal(name, await shell.StandardOutput.ReadToEndAsync());
        await shell.WaitForExitAsync();
    }

    [Fact]
    public void Line_WithANameInQuotes_IsOneLine() =>
        Assert.Equal(@"'/files/a'$'\n''b' is a directory: name a file", Printable.Line("'/files/a\nb' is a directory: name a file"));

    [Fact]
    public void Line_LoneSurrogate_IsNoCharacter() => Assert.Equal(@"a'$'\357\277\275''b", Printable.Line("a\ud800b"));
}
