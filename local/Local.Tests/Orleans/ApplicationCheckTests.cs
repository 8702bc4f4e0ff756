using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Local.Tests.Orleans;

public sealed class ApplicationCheckTests
{
    [NotInApplication]
    public interface INoAlias : IGrainWithStringKey
    {
        Task Unnamed();
    }

    [NotInApplication]
    [Alias("Local.Tests.IBadMethods")]
    public interface IBadMethods : IGrainWithStringKey
    {
        [Alias("Returns")]
        int Returns();

        [Alias("Generic")]
        Task Generic<T>(T value);

        [Alias("OneWayValue")]
        [OneWay]
        Task<int> OneWayValue();

        [Alias("ByRef")]
        Task ByRef(in int value);

        [Alias("Takes")]
        Task Takes(Unserializable value);

        [Alias("Gives")]
        Task<List<Unserializable>> Gives();

        [Alias("Same")]
        Task Same();

        [Alias("Same")]
        Task Same(int value);
    }

    [Fact]
    public void InterfaceWithoutAliases_Checked_NamesBoth() => Assert.Equal(
        [
            $"{typeof(INoAlias).FullName}: the grain interface has no [Alias].",
            $"{typeof(INoAlias).FullName}.Unnamed: the grain method has no [Alias].",
        ],
        Problems(typeof(INoAlias)));

    [Theory]
    [InlineData("Returns: a grain method returns Task, Task<T>, ValueTask or ValueTask<T>, not Int32.")]
    [InlineData("Generic: generic grain methods are not supported here.")]
    [InlineData("OneWayValue: a [OneWay] method returns no value.")]
    [InlineData("ByRef: parameter value is passed by reference.")]
    [InlineData("Takes (parameter value): its type Local.Tests.Orleans.Unserializable has no [GenerateSerializer].")]
    [InlineData("Local.Tests.Orleans.Unserializable has no [GenerateSerializer]")]
    [InlineData("Same and Same have the same wire name \"Same\": give each its own [Alias].")]
    public void BadMethod_Checked_IsNamedWithItsReason(string expected) =>
        Assert.Contains(Problems(typeof(IBadMethods)), problem => problem.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void OwnGrains_Checked_Pass() => Assert.Empty(Problems(typeof(IProbe)));

    private static IReadOnlyList<string> Problems(Type type)
    {
        var codec = new ValueCodec(new Lazy<IGrainReferenceRuntime>(() => throw new InvalidOperationException("no reference is written")), Options.Create(new ExceptionSerializationOptions()));
        return new ApplicationCheck(codec).Problems([new GrainInterfaceModel(type)], []);
    }
}

[NotInApplication]
public sealed class Unserializable;
