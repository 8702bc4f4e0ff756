using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: CollectionBehavior("Dora.Tests.TestLanes", "Dora.Tests")]

namespace Dora.Tests;

/// <summary>
/// Two lanes of tests run beside each other: classes that start processes (category <c>Process</c>), which mostly wait, and all the rest. Within a lane one
/// test runs at a time. Other collections that classes name run beside them; those of <see cref="MeasuredAlone"/> when all have ended.
/// </summary>
/// <param name="assembly">The tests.</param>
/// <param name="diagnostics">Told of what is wrong with declared collections.</param>
public sealed class TestLanes(ITestAssembly assembly, IMessageSink diagnostics) : IXunitTestCollectionFactory
{
    private readonly Dictionary<string, ITypeInfo> _declared = TestCollectionFactoryHelper.GetTestCollectionDefinitions(assembly.Assembly, diagnostics);
    private readonly Dictionary<string, TestCollection> _collections = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string DisplayName => "two lanes: processes, others";

    /// <inheritdoc/>
    public ITestCollection Get(ITypeInfo testClass)
    {
        string name = testClass.GetCustomAttributes(typeof(CollectionAttribute)).SingleOrDefault() is { } declared
            ? (string)declared.GetConstructorArguments().Single()
            : StartsProcesses(testClass) ? "processes" : "others";
        if (!_collections.TryGetValue(name, out TestCollection? collection))
        {
            _collections[name] = collection = new TestCollection(assembly, _declared.GetValueOrDefault(name), name);
        }

        return collection;
    }

    private static bool StartsProcesses(ITypeInfo testClass) =>
        testClass.GetCustomAttributes(typeof(TraitAttribute)).Any(static t => t.GetConstructorArguments().SequenceEqual(["Category", "Process"]));
}

/// <summary>Tests that look at the memory of the whole process, where others beside them would be counted.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    /// <summary>Its name.</summary>
    public const string Name = "measured alone";
}
