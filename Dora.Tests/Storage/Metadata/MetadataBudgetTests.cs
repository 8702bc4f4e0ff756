using System.Globalization;
using Dora.Tests.Doubles;
using Dora.Tests.Storage.Pages.Proofs;
using Xunit.Abstractions;

namespace Dora.Tests.Storage.Metadata;

/// <summary>
/// The memory budget is a hard cap of the whole store, RocksDB's native memory included, however many files it holds: what a process's resident memory rises by when it fills and reads a store of
/// many times the budget. <c>DORA_TEST_BUDGET_FILES=24000000 DORA_TEST_BUDGET_MIB=256</c> for a worker's default budget.
/// </summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class MetadataBudgetTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int Files = Number("DORA_TEST_BUDGET_FILES", 2_200_000);
    private static readonly long Budget = (long)Number("DORA_TEST_BUDGET_MIB", 128) << 20;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Fill_FarBeyondTheBudget_KeepsResidentMemoryWithinIt()
    {
        await using ChildProcess child = ChildProcess.Start(
            static _ => false, [new("DOTNET_GCgen0size", "0x400000")], MetadataFiller.Name, _directory["metadata"], Budget, Files);
        Assert.Equal(0, await child.ExitAsync(TimeSpan.FromHours(1)));
        Dictionary<string, long> said = child.Lines.Select(static l => l.Split('=')).ToDictionary(static l => l[0], static l => long.Parse(l[1], CultureInfo.InvariantCulture));
        output.WriteLine(string.Join("; ", child.Lines));

        Assert.Equal(0, said["wrong"]);
        Assert.InRange(said["entries"], Files * 0.99, Files * 1.01);
        Assert.InRange(said["in memory"], 1, Files * 0.8); // otherwise there are too few files to show anything
        double filled = (double)said["filled"] / Budget, read = (double)said["read"] / Budget;
        Assert.True(Math.Max(filled, read) <= 1.1, $"resident memory rose by {filled:P0} of the budget while filling, {read:P0} in all: at most 110 %");
    }

    private static int Number(string variable, int otherwise) => int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}", CultureInfo.InvariantCulture);
}
