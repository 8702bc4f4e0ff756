using System.Text.RegularExpressions;
using Dora.PageChannel.Codec;
using Dora.Tests.Architecture;

namespace Dora.Tests.PageChannel.Codec;

/// <summary>docs/page-channel-format.md says what the code does.</summary>
public sealed partial class SpecificationTests
{
    private static readonly string Page = Repository.Read("docs/page-channel-format.md");

    [Fact]
    public void Examples_OfThePage_AreTheGoldenBytes()
    {
        MatchCollection examples = HexBlock().Matches(Page);
        Assert.Equal(3, examples.Count);
        var frame = new byte[PageChannelProtocol.MaxControlFrame];
        foreach (Match example in examples)
        {
            string hex = string.Concat(example.Groups["lines"].Value.Split('\n').Select(static line => line.Split(' ')[0]));
            int length = FrameGoldenTests.Write(example.Groups["name"].Value, frame);
            Assert.Equal(Convert.ToHexStringLower(frame, 0, length), hex);
        }
    }

    [Fact]
    public void Tables_OfThePage_HaveEveryOpcodeAndStatus()
    {
        foreach (PageChannelOpcode opcode in Enum.GetValues<PageChannelOpcode>())
        {
            Assert.Contains($"| 0x{(int)opcode:X2} | {opcode} |", Page, StringComparison.Ordinal);
        }

        foreach (PageChannelStatus status in Enum.GetValues<PageChannelStatus>())
        {
            Assert.Matches($@"\| {(int)status} \| {status} \|[^|]*\| {status.ToErrorCode()} \|", Page);
        }
    }

    [GeneratedRegex("```hex (?<name>[a-z ]+)\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex HexBlock();
}
