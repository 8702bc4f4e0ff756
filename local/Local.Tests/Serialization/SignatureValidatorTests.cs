using System.Net;
using Orleans.Serialization;

namespace Local.Tests.Serialization;

public sealed class SignatureValidatorTests
{
    [Theory]
    [InlineData(typeof(Everything))]
    [InlineData(typeof(Positional))]
    [InlineData(typeof(List<Node[]>))]
    [InlineData(typeof(IReadOnlyDictionary<string, Point?>))]
    [InlineData(typeof((int, IPAddress)))]
    [InlineData(typeof(OwnException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(CancellationToken))]
    [InlineData(typeof(object))]
    public void GoodType_Checked_HasNoProblem(Type type) => Assert.Empty(new Codec().Check(type, "here"));

    [Fact]
    public void MemberWithoutId_Checked_IsNamed() => Assert.Equal(
        ["Local.Tests.Serialization.NoId: property Length has no [Id(n)] (or [NonSerialized])."],
        new Codec().Check(typeof(List<NoId>), "here"));

    [Fact]
    public void NestedTypeWithoutSerializer_Checked_IsNamedWithItsMember() => Assert.Equal(
        [
            "Local.Tests.Serialization.NoAlias: has no [Alias(\"...\")], so it could not be renamed.",
            "Local.Tests.Serialization.NoAlias.Inner: its type Local.Tests.Serialization.Plain has no [GenerateSerializer].",
        ],
        new Codec().Check(typeof(NoAlias), "here"));

    [Theory]
    [InlineData(typeof(Func<int>))]
    [InlineData(typeof(Task))]
    [InlineData(typeof(int[,]))]
    [InlineData(typeof(Stream))]
    [InlineData(typeof(Queue<int>))]
    [InlineData(typeof(Type))]
    public void UnserializableType_Checked_IsRefused(Type type) => Assert.NotEmpty(new Codec().Check(type, "here"));

    [Fact]
    public void ParameterTypeWithoutSerializer_Checked_SaysWhere() =>
        Assert.Equal(["IFoo.Bar(size): its type Local.Tests.Serialization.Plain has no [GenerateSerializer]."], new Codec().Check(typeof(Plain), "IFoo.Bar(size)"));

    [Fact]
    public void AliasUsedTwice_Checked_NamesBothTypes()
    {
        string problem = Assert.Single(new Codec().Check(typeof(First), "here").Concat(new Codec().Check(typeof(Second), "here")));
        Assert.Contains("Serialization.First", problem, StringComparison.Ordinal);
        Assert.Contains("Serialization.Second", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void MemberWithoutId_Written_ThrowsTheSameMessage() =>
        Assert.Contains("property Length has no [Id(n)]", Assert.Throws<CodecNotFoundException>(() => new Codec().ToBytes(new NoId())).Message, StringComparison.Ordinal);
}
