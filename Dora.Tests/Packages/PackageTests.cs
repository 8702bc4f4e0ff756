using System.IO.Compression;
using System.Xml.Linq;

namespace Dora.Tests.Packages;

/// <summary>What is in the packages: everything that users need, and nothing that names where they were built.</summary>
[Collection(PackageFeed.Collection)]
[Trait("Category", "Slow")]
public sealed class PackageTests(PackageFeed feed)
{
    private static readonly string[] Packed = ["Dora.Client", "Dora.Core", "Dora.Interfaces", "Dora.PageChannel"];

    [Fact]
    public void Feed_HasTheClientAndWhatItNeedsWithSymbols()
    {
        string[] expected = [.. Packed.SelectMany(p => (string[])[$"{p}.{feed.Version}.nupkg", $"{p}.{feed.Version}.snupkg"])];

        Assert.Equal(expected, Directory.GetFiles(feed.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Package_HasReadmeLicenseAndDocumentation_AndNamesNoHost()
    {
        foreach (string name in Packed)
        {
            using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed.Path, $"{name}.{feed.Version}.nupkg"));
            XElement metadata = Metadata(package, name);

            Assert.Equal("Apache-2.0", Value(metadata, "license"));
            Assert.Equal("README.md", Value(metadata, "readme"));
            Assert.True(Value(metadata, "description")?.Length > 40, $"{name} has no description");
            Assert.DoesNotContain(metadata.Elements(), static e => e.Name.LocalName is "repository" or "projectUrl");
            Assert.NotNull(package.GetEntry("README.md"));
            Assert.NotNull(package.GetEntry($"lib/net10.0/{name}.xml"));
        }
    }

    [Fact]
    public void Client_DependsOnNothingOfTheWorker()
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed.Path, $"Dora.Client.{feed.Version}.nupkg"));
        XElement metadata = Metadata(package, "Dora.Client");

        Assert.DoesNotContain(metadata.Descendants(), static e => e.Name.LocalName == "frameworkReference");
        Assert.Equal(
            ["BitFaster.Caching", "Dora.Interfaces", "Dora.PageChannel", "Microsoft.Data.Sqlite", "Microsoft.Extensions.ObjectPool", "Microsoft.Orleans.Client", "Microsoft.Orleans.Clustering.AdoNet"],
            metadata.Descendants().Where(static e => e.Name.LocalName == "dependency").Select(static e => e.Attribute("id")!.Value).Order(StringComparer.Ordinal));
    }

    private static XElement Metadata(ZipArchive package, string name)
    {
        using Stream content = package.GetEntry($"{name}.nuspec")!.Open();
        return XDocument.Load(content).Root!.Elements().Single();
    }

    private static string? Value(XElement metadata, string element) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == element)?.Value;
}
