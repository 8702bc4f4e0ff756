using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Dora.Client;
using Dora.Tests.Architecture;

namespace Dora.Tests.Client;

/// <summary>The table of options in docs/client.md says the defaults that the options have.</summary>
public sealed partial class ClientDefaultsTests
{
    private static readonly string[] WithoutADefaultToCompare = ["LoggerFactory", "TimeProvider"];

    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (Match row in TableRow().Matches(Section()))
            {
                rows.Add(row.Groups[1].Value, row.Groups[2].Value);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Default_OfTheTable_IsTheRealOne(string option, string text)
    {
        object? value = new DoraClientOptions();
        foreach (string name in option.Split('.'))
        {
            PropertyInfo? property = value!.GetType().GetProperty(name);
            Assert.True(property is not null, $"docs/client.md names an option that is not there: {option}");
            value = property.GetValue(value);
        }

        Assert.Equal(text, Written(option, value));
    }

    [Fact]
    public void Table_HasEveryOption()
    {
        string[] missing = [.. Names(typeof(DoraClientOptions), string.Empty).Except(Rows.Select(static r => (string)r[0])).Except(WithoutADefaultToCompare)];

        Assert.True(missing.Length == 0, $"docs/client.md lacks {string.Join(", ", missing)}");
    }

    private static IEnumerable<string> Names(Type options, string prefix) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(p =>
            p.PropertyType.Assembly == typeof(DoraClientOptions).Assembly && p.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) && p.Name != nameof(DoraClientOptions.Tls)
                ? Names(p.PropertyType, prefix + p.Name + ".")
                : [prefix + p.Name]);

    private static string Written(string option, object? value) => value switch
    {
        null when option == nameof(DoraClientOptions.ClusterId) => $"`{ClusterNames.DefaultClusterId}`",
        null => "none",
        ReadOnlyMemory<byte> { IsEmpty: true } => "empty",
        System.Collections.ICollection { Count: 0 } => "none",
        TimeSpan time when time < TimeSpan.FromMilliseconds(1) => $"{Number(time.TotalMicroseconds)} us",
        TimeSpan time when time < TimeSpan.FromMilliseconds(100) => $"{Number(time.TotalMilliseconds)} ms",
        TimeSpan time => $"{Number(time.TotalSeconds)} s",
        bool flag => flag ? "true" : "false",
        int bytes when bytes >= 1 << 20 && bytes % (1 << 20) == 0 => $"{bytes >> 20} MiB",
        int number => number.ToString("N0", CultureInfo.InvariantCulture),
        double number => Number(number),
        _ => value.ToString()!,
    };

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Section()
    {
        string page = Repository.Read("docs/client.md");
        int start = page.IndexOf("\n## Options\n", StringComparison.Ordinal);
        int end = page.IndexOf("\n## ", start + 4, StringComparison.Ordinal);
        return end < 0 ? page[start..] : page[start..end];
    }

    // | `Timeouts.Connect` | 15 s | for connecting as a whole |
    [GeneratedRegex(@"^\| `([A-Z][A-Za-z.]+)` \| ([^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
