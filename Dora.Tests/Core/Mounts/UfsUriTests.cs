namespace Dora.Tests.Core.Mounts;

public sealed class UfsUriTests
{
    [Theory]
    [InlineData("/data", "file:///data", "file", "/data")]
    [InlineData("/data/", "file:///data", "file", "/data")]
    [InlineData("file:///data/train", "file:///data/train", "file", "/data/train")]
    [InlineData("FILE:///Data", "file:///Data", "file", "/Data")]
    [InlineData("/", "file:///", "file", "/")]
    [InlineData("s3://bucket", "s3://bucket", "s3", "bucket")]
    [InlineData("S3://bucket/train/", "s3://bucket/train", "s3", "bucket/train")]
    [InlineData("https://host:8080/a b", "https://host:8080/a b", "https", "host:8080/a b")]
    public void Parse_OfARoot_Normalizes(string text, string value, string scheme, string location)
    {
        UfsUri uri = UfsUri.Parse(text);

        Assert.Equal((value, scheme, location), (uri.Value, uri.Scheme, uri.Location));
        Assert.Equal(uri, UfsUri.Parse(uri.Value));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("data")]
    [InlineData("://x")]
    [InlineData("s3://")]
    [InlineData("s3:///")]
    [InlineData("s3:///bucket")]
    [InlineData("s_3://bucket")]
    [InlineData("file://data")]
    [InlineData("file:///a/../b")]
    [InlineData("/a/./b")]
    [InlineData("//data")]
    [InlineData("file:////data")]
    [InlineData("s3://bucket//a")]
    [InlineData("/a\0")]
    public void TryParse_OfNoRoot_SaysWhyInOneLine(string? text)
    {
        Assert.False(UfsUri.TryParse(text, out _, out string? error));
        Assert.DoesNotContain('\n', error);
        Assert.Contains("give", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/data", "", "file:///data")]
    [InlineData("/data", "a/b", "file:///data/a/b")]
    [InlineData("/", "data/a", "file:///data/a")]
    [InlineData("s3://bucket", "a", "s3://bucket/a")]
    public void Combine_WithARelativePath_IsFoundAgain(string root, string relative, string full)
    {
        UfsUri uri = UfsUri.Parse(root);

        Assert.Equal(full, uri.Combine(relative));
        Assert.True(uri.TryGetRelative(full, out string found));
        Assert.Equal(relative, found);
    }

    [Theory]
    [InlineData("/data", "file:///database")]
    [InlineData("/data", "file:///")]
    [InlineData("s3://bucket", "s3://bucket2/a")]
    [InlineData("/", "s3://bucket")]
    public void TryGetRelative_OfAStranger_IsFalse(string root, string full) => Assert.False(UfsUri.Parse(root).TryGetRelative(full, out _));
}
