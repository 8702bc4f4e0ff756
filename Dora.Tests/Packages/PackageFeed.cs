using System.Globalization;
using Dora.Tests.Architecture;
using Dora.Tests.Doubles;

namespace Dora.Tests.Packages;

/// <summary>What <c>dotnet pack</c> makes of the build under test, in a folder that serves as a package source. The version is this run's alone: no cache knows it.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    public const string Collection = "packages";

    private readonly TempDirectory _directory = new();

    public string Path => _directory.Path;

    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{Guid.NewGuid():N}");

    public Task InitializeAsync()
    {
        // artifacts/bin/Dora.Tests/release: what was built is what is packed.
        string configuration = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return DotnetCommand.RunAsync(Repository.Root, "pack", "Dora.sln", "--no-build", "-v", "q", "-c", configuration, "-o", Path, $"-p:PackageVersion={Version}");
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }
}

/// <summary>Packed once for all who look at the packages.</summary>
[CollectionDefinition(PackageFeed.Collection)]
public sealed class PackageFeedCollection : ICollectionFixture<PackageFeed>;
