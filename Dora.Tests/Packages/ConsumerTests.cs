using System.Globalization;
using System.Text.Json;
using Dora.Tests.Architecture;
using Dora.Tests.Doubles;
using Dora.Tests.Processes;

namespace Dora.Tests.Packages;

/// <summary>A program outside the repository, with the package's readme as its code and one package reference: it reads a file through a running cluster and calls a grain.</summary>
[Collection(PackageFeed.Collection)]
[Trait("Category", "Slow")]
[Trait("Category", "Process")]
public sealed class ConsumerTests(PackageFeed feed, ProcessCluster cluster) : IClassFixture<ProcessCluster>, IDisposable
{
    private readonly TempDirectory _project = new();

    [Fact]
    public async Task ConsoleProject_WithOnePackageReference_ReadsAFileAndCallsAGrain()
    {
        await WriteProjectAsync();
        await DotnetCommand.RunAsync(_project.Path, "build", "-v", "q", "-o", _project["out"]);

        string name = cluster.Names[1];
        byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(cluster.Source, name));
        string path = $"{ProcessCluster.MountPath}/{name}";
        int port = (await cluster.Cluster.Workers["w0"].Ready).GatewayPort;
        string gateway = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        string said = await DotnetCommand.RunAsync(_project.Path, _project["out/consumer.dll"], cluster.Cluster.Directory.ClusterPath, path, gateway, cluster.Cluster.Directory.ClusterId);

        Assert.Contains($"{path} begins with {Convert.ToHexString(bytes.AsSpan(0, 16))}\n", said, StringComparison.Ordinal);
        Assert.Contains($"{path} has {bytes.Length} bytes (None)\n", said, StringComparison.Ordinal);
        await AssertPlainRuntimeAsync();
    }

    public void Dispose() => _project.Dispose();

    /// <summary>Nothing but the .NET runtime, and nothing that only workers need.</summary>
    private async Task AssertPlainRuntimeAsync()
    {
        using JsonDocument config = JsonDocument.Parse(await File.ReadAllTextAsync(_project["out/consumer.runtimeconfig.json"]));
        JsonElement options = config.RootElement.GetProperty("runtimeOptions");
        Assert.Equal("Microsoft.NETCore.App", options.GetProperty("framework").GetProperty("name").GetString());
        Assert.False(options.TryGetProperty("frameworks", out _));

        string[] assemblies = [.. Directory.GetFiles(_project["out"], "*.dll").Select(static f => Path.GetFileNameWithoutExtension(f))];
        Assert.DoesNotContain(assemblies, static a => a.Contains("Reminders", StringComparison.Ordinal) || a is "RocksDbSharp" or "Dora.Storage" or "Dora.Grains" or "dora-worker");
    }

    private async Task WriteProjectAsync()
    {
        string readme = Repository.Read("eng/PackageReadme.md");
        int start = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        await File.WriteAllTextAsync(_project["Program.cs"], readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)]);

        // The packages of others come from where this machine has them: its own folder first, then its sources. Ours go to a folder that goes away with the project.
        string machine = (await DotnetCommand.RunAsync(_project.Path, "nuget", "locals", "global-packages", "--list")).Split(": ", 2)[1].Trim();
        await File.WriteAllTextAsync(_project["nuget.config"], $"""<configuration><packageSources><add key="dora" value="{feed.Path}" /></packageSources></configuration>""");
        await File.WriteAllTextAsync(_project["consumer.csproj"], $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestorePackagesPath>{_project["packages"]}</RestorePackagesPath>
                <RestoreFallbackFolders>{machine}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Dora.Client" Version="{feed.Version}" />
              </ItemGroup>
            </Project>
            """);
    }
}
