using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.Core.Files;

public sealed class DoraPathTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("//", "/")]
    [InlineData("/a", "/a")]
    [InlineData("/a/", "/a")]
    [InlineData("//a///b//", "/a/b")]
    [InlineData("/a/.../b", "/a/.../b")]
    [InlineData("/a/.b", "/a/.b")]
    [InlineData("/ü/漢 字/😀", "/ü/漢 字/😀")]
    [InlineData("/a\\b", "/a\\b")]
    public void Parse_OfAPath_NormalizesSlashesOnly(string text, string path) => Assert.Equal(path, DoraPath.Parse(text).Value);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a/b")]
    [InlineData(" /a")]
    [InlineData("/a/./b")]
    [InlineData("/..")]
    [InlineData("/a/..")]
    [InlineData("/a\0b")]
    [InlineData("s3://bucket/a")]
    public void TryParse_OfNoPath_SaysWhyInOneLine(string? text)
    {
        Assert.False(DoraPath.TryParse(text, out DoraPath path, out string? error));
        Assert.True(path.IsRoot);
        Assert.DoesNotContain('\n', error);
        Assert.Contains("give", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "a")]
    [InlineData("/a/b", "ü")]
    [InlineData("/a", "...")]
    [InlineData("/a", "")]
    [InlineData("/a", ".")]
    [InlineData("/a", "..")]
    [InlineData("/a", "b/c")]
    [InlineData("/a", "b\0c")]
    [InlineData("/a", "\ud800")]
    public void TryAppendName_IsWhatParsingTheWholeGives_OrNoPath(string directory, string name)
    {
        bool isOne = name.Length > 0 && !name.Contains('/', StringComparison.Ordinal) && DoraPath.TryParse($"{directory}/{name}", out _, out _);

        Assert.Equal(isOne, DoraPath.Parse(directory).TryAppendName(name, out DoraPath path));
        Assert.Equal(isOne ? DoraPath.Parse($"{directory}/{name}") : DoraPath.Root, path);
    }

    [Fact]
    public void TryAppendName_TooLong_IsNoPath() => Assert.False(DoraPath.Parse("/" + new string('a', 4000)).TryAppendName(new string('b', 200), out _));

    [Fact]
    public void TryParse_OfHalfACharacter_IsRefused()
    {
        // Attribute arguments are stored as UTF-8 and cannot carry these.
        Assert.All((string[])["/a\ud83d", "/\ude00a", "/\ude00\ud83d", "/😀\ud83d/b"], static t => Assert.False(DoraPath.TryParse(t, out _, out _)));
    }

    [Fact]
    public void TryParse_AtTheLengthLimit_CountsUtf8Bytes()
    {
        Assert.True(DoraPath.TryParse("/a" + new string('ü', 2047), out _, out _));
        Assert.False(DoraPath.TryParse("/aa" + new string('ü', 2047), out _, out string? error));
        Assert.Contains("4096", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OfNoPath_ThrowsInvalidPath() =>
        Assert.Equal(DoraErrorCode.InvalidPath, Assert.Throws<DoraException>(() => DoraPath.Parse("a")).Code);

    [Theory]
    [InlineData("/", "/", "")]
    [InlineData("/a", "/", "a")]
    [InlineData("/a/b", "/a", "b")]
    public void Path_Always_IsParentAndName(string text, string parent, string name)
    {
        DoraPath path = DoraPath.Parse(text);

        Assert.Equal((parent, name), (path.Parent.Value, path.Name));
    }

    [Theory]
    [InlineData("/", "/", true, "")]
    [InlineData("/a", "/", true, "a")]
    [InlineData("/a/b/c", "/a", true, "b/c")]
    [InlineData("/a", "/a", true, "")]
    [InlineData("/ab", "/a", false, "")]
    [InlineData("/", "/a", false, "")]
    [InlineData("/A", "/a", false, "")]
    public void IsAtOrUnder_ADirectory_CountsWholeSegments(string text, string directory, bool isUnder, string relative)
    {
        (DoraPath path, DoraPath above) = (DoraPath.Parse(text), DoraPath.Parse(directory));

        Assert.Equal(isUnder, path.IsAtOrUnder(above));
        if (isUnder)
        {
            Assert.Equal(relative, path.RelativeTo(above));
            Assert.Equal(path, above.Append(relative));
        }
        else
        {
            Assert.Throws<ArgumentException>(() => path.RelativeTo(above));
        }
    }

    [Fact]
    public void Parse_OfAnyText_IsIdempotentAndKeepsUtf8() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000),
        Prop.ForAll(Gen.Elements("a", "/", "//", ".", "..", "ü", "😀", "\ud83d", " ").ArrayOf().Select(static p => "/" + string.Concat(p)).ToArbitrary(), static text =>
            !DoraPath.TryParse(text, out DoraPath path, out _)
            || (DoraPath.Parse(path.Value) == path
                && path.Parent.Append(path.Name) == path
                && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path.Value)) == path.Value
                && path.IsAtOrUnder(path.Parent))));

    [Fact]
    public void Default_Path_IsTheRoot()
    {
        Assert.Equal(DoraPath.Parse("/"), default);
        Assert.Equal(DoraPath.Parse("/").GetHashCode(), default(DoraPath).GetHashCode());
        Assert.True(default(DoraPath) == DoraPath.Root);
    }
}
