using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.Core.Workers;

public sealed class WorkerDescriptorTests
{
    [Fact]
    public void SiloName_OfADescriptor_IsTheFrozenText() =>
        Assert.Equal("w0;page=19000;http=18080;weight=100", new WorkerDescriptor(new WorkerId("w0"), 19000, 18080, 100).ToSiloName());

    [Fact]
    public void SiloName_WrittenAndParsed_IsTheSame() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        Gen.Zip(Gen.Choose(1, 65535), Gen.Zip(Gen.Choose(0, 65535), Gen.Choose(1, WorkerDescriptor.MaxWeight))).ToArbitrary(), static n =>
        {
            var descriptor = new WorkerDescriptor(new WorkerId("a-b_c.9"), n.Item1, n.Item2.Item1, n.Item2.Item2);
            return WorkerDescriptor.Parse(descriptor.ToSiloName()) == descriptor;
        }));

    [Theory]
    [InlineData("w0;page=1", 1, 0, 100)]
    [InlineData("w0;weight=7;page=65535", 65535, 0, 7)]
    [InlineData("w0;page=1;zone=eu-1;rack=7;;=;x", 1, 0, 100)]
    public void Parse_OfANewerOrShorterName_TakesWhatItKnows(string name, int page, int http, int weight) =>
        Assert.Equal(new WorkerDescriptor(new WorkerId("w0"), page, http, weight), WorkerDescriptor.Parse(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("w0")]
    [InlineData("Silo_1a2b;page=1")]
    [InlineData("w0;page=0")]
    [InlineData("w0;page=65536")]
    [InlineData("w0;page=-1")]
    [InlineData("w0;page=1;http=65536")]
    [InlineData("w0;page=1;weight=0")]
    [InlineData("w0;page=1;weight=10001")]
    [InlineData("w0;page=1;weight=99999999999")]
    [InlineData("w0;page=1;weight=x")]
    public void Parse_OfANameThatIsNoWorkers_IsNull(string? name) => Assert.Null(WorkerDescriptor.Parse(name));

    [Theory]
    [InlineData("a", true)]
    [InlineData("worker-10.0.0.1_x", true)]
    [InlineData("", false)]
    [InlineData("W0", false)]
    [InlineData("a b", false)]
    [InlineData("a;b", false)]
    [InlineData("ü", false)]
    public void WorkerId_OfText_FollowsItsRules(string text, bool isValid)
    {
        Assert.Equal(isValid, WorkerId.IsValid(text));
        Assert.False(WorkerId.IsValid(new string('a', WorkerId.MaxLength + 1)));
        Assert.True(WorkerId.IsValid(new string('a', WorkerId.MaxLength)));
        if (!isValid)
        {
            Assert.Equal(DoraErrorCode.InvalidArgument, Assert.Throws<DoraException>(() => new WorkerId(text)).Code);
        }
    }
}
