using System.Xml.Linq;

namespace Dora.Tests.Architecture;

/// <summary>Who may reference whom (docs/architecture.md). A new arrow is a decision, not an accident.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> AllowedProjects = new(StringComparer.Ordinal)
    {
        ["Dora.Core"] = [],
        ["Dora.PageChannel"] = ["BitFaster.Caching", "Dora.Core"],
        ["Dora.Storage"] = ["BitFaster.Caching", "Dora.Core"],
        ["Dora.Interfaces"] = ["Dora.Core"],
        ["Dora.Grains"] = ["Dora.Interfaces", "Dora.Storage"],
        ["Dora.Client"] = ["BitFaster.Caching", "Dora.Interfaces", "Dora.PageChannel"],
        ["Dora.LocalCluster"] = ["Dora.Client"],
        ["Dora.Silo"] = ["BitFaster.Caching", "Dora.Grains", "Dora.Storage", "Dora.PageChannel", "Dora.Client"],
        ["Dora.Cli"] = ["Dora.Client", "Dora.LocalCluster"],
    };

    private static readonly Dictionary<string, string[]> AllowedPackages = new(StringComparer.Ordinal)
    {
        ["Dora.Core"] = [],
        ["Dora.PageChannel"] = ["BitFaster.Caching", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.ObjectPool"],
        ["Dora.LocalCluster"] = [],
        ["Dora.Storage"] = ["BitFaster.Caching", "Microsoft.Extensions.Logging.Abstractions", "RocksDB"],
        ["Dora.Interfaces"] = ["Microsoft.Orleans.Sdk"],
        ["Dora.Grains"] = ["Microsoft.Data.Sqlite", "Microsoft.Orleans.Clustering.AdoNet", "Microsoft.Orleans.Reminders.AdoNet", "Microsoft.Orleans.Server"],
        ["Dora.Client"] = ["BitFaster.Caching", "Microsoft.Data.Sqlite", "Microsoft.Extensions.ObjectPool", "Microsoft.Orleans.Client", "Microsoft.Orleans.Clustering.AdoNet"],
        ["Dora.Silo"] = ["BitFaster.Caching", "NLog.Extensions.Logging", "System.CommandLine"],
        ["Dora.Cli"] = ["Spectre.Console", "System.CommandLine"],
    };

    public static TheoryData<string> Projects => [.. AllowedProjects.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyWhatItMay(string project)
    {
        XDocument file = XDocument.Parse(Repository.Read($"{project}/{project}.csproj"));
        string[] projects = [.. Values(file, "ProjectReference").Select(static p => Path.GetFileNameWithoutExtension(p.Replace('\\', '/')))];
        string[] packages = [.. Values(file, "PackageReference")];

        Assert.Empty(projects.Except(AllowedProjects[project]));
        Assert.Empty(packages.Except(AllowedPackages[project]));
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
    public void SystemCalls_AreDeclaredInOnePlace()
    {
        string[] elsewhere = [.. Repository.Files(".", "*.cs")
            .Where(static f => !f.StartsWith("Dora.Core/Linux/", StringComparison.Ordinal) && !f.StartsWith("Dora.Tests/", StringComparison.Ordinal))
            .Where(static f => Repository.Read(f).Contains("Import(\"libc\"", StringComparison.Ordinal))];

        Assert.Empty(elsewhere);
    }

    private static IEnumerable<string> Values(XDocument file, string element) =>
        file.Descendants(element).Select(static e => e.Attribute("Include")?.Value).OfType<string>().SelectMany(static v => v.Split(';'));
}
