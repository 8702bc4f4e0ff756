using System.Xml.Linq;

namespace Dora.Tests.Architecture;

/// <summary>Who may reference whom (docs/architecture.md). A new arrow is a decision, not an accident.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> AllowedProjects = new(StringComparer.Ordinal)
    {
        ["Dora.Core"] = [],
        ["Dora.Storage"] = ["Dora.Core"],
        ["Dora.Interfaces"] = ["Dora.Core"],
        ["Dora.Grains"] = ["Dora.Interfaces", "Dora.Storage"],
        ["Dora.Client"] = ["Dora.Interfaces"],
        ["Dora.Silo"] = ["Dora.Grains", "Dora.Storage", "Dora.Client"],
        ["Dora.Cli"] = ["Dora.Client"],
    };

    private static readonly Dictionary<string, string[]> AllowedPackages = new(StringComparer.Ordinal)
    {
        ["Dora.Core"] = [],
        ["Dora.Storage"] = [],
        ["Dora.Interfaces"] = [],
        ["Dora.Grains"] = ["Microsoft.Data.Sqlite"],
        ["Dora.Client"] = ["Microsoft.Data.Sqlite"],
        ["Dora.Silo"] = ["System.CommandLine"],
        ["Dora.Cli"] = ["Spectre.Console", "System.CommandLine"],
    };

    private static readonly Dictionary<string, string[]> AllowedUses = new(StringComparer.Ordinal)
    {
        ["Dora.Core"] = [],
        ["Dora.Storage"] = ["RocksDb"],
        ["Dora.Interfaces"] = ["OrleansSdk"],
        ["Dora.Grains"] = ["OrleansServer"],
        ["Dora.Client"] = ["OrleansClient"],
        ["Dora.Silo"] = ["OrleansServer", "RocksDb"],
        ["Dora.Cli"] = ["OrleansClient"],
    };

    public static TheoryData<string> Projects => [.. AllowedProjects.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyWhatItMay(string project)
    {
        XDocument file = XDocument.Parse(Repository.Read($"{project}/{project}.csproj"));
        string[] projects = [.. Values(file, "ProjectReference").Select(static p => Path.GetFileNameWithoutExtension(p.Replace('\\', '/')))];
        string[] packages = [.. Values(file, "PackageReference")];
        string[] uses = [.. file.Descendants("DoraUses").SelectMany(static e => e.Value.Split(';'))];

        Assert.Empty(projects.Except(AllowedProjects[project]));
        Assert.Empty(packages.Except(AllowedPackages[project]));
        Assert.Empty(uses.Except(AllowedUses[project]));
    }

    [Fact]
    public void ProductProjects_AreAllCovered()
    {
        string[] projects = [.. Repository.Files(".", "*.csproj")
            .Select(static f => Path.GetFileNameWithoutExtension(f))
            .Where(static p => p.StartsWith("Dora.", StringComparison.Ordinal) && p is not ("Dora.Tests" or "Dora.Benchmarks"))];

        Assert.Empty(projects.Except(AllowedProjects.Keys));
    }

    [Fact]
    public void ProductSources_DoNotKnowTheLocalProfile()
    {
        string[] knowing = [.. AllowedProjects.Keys
            .SelectMany(static p => Repository.Files(p, "*.cs").Concat(Repository.Files(p, "*.csproj")))
            .Where(static f => Repository.Read(f).Contains("Orleans.Local", StringComparison.Ordinal) || Repository.Read(f).Contains("RocksDbSharp.Local", StringComparison.Ordinal))];

        Assert.True(knowing.Length == 0, $"only eng/Packages.props and Directory.Build.props know the profiles:\n{string.Join('\n', knowing)}");
    }

    private static IEnumerable<string> Values(XDocument file, string element) =>
        file.Descendants(element).Select(static e => e.Attribute("Include")?.Value).OfType<string>().SelectMany(static v => v.Split(';'));
}
