namespace Dora.Tests.Doubles;

/// <summary>Compares an enum with its frozen numbers: a table that may only grow.</summary>
internal static class FrozenEnum
{
    internal static void Check<T>(string where, params (string Name, int Number)[] frozen)
        where T : struct, Enum
    {
        (string, int)[] actual = [.. Enum.GetValues<T>().Select(static v => (v.ToString(), Convert.ToInt32(v, null)))];
        string[] wrong =
        [
            .. frozen.Except(actual).Select(static f => $"{f.Item1} = {f.Item2} is gone or has another number"),
            .. actual.Except(frozen).Select(static a => $"{a.Item1} = {a.Item2} is new: add it to this table"),
        ];
        Assert.True(
            wrong.Length == 0,
            $"{typeof(T).Name} is stored or sent ({where}): {string.Join("; ", wrong)}. Numbers may only be added, never changed or reused: peers and data of released versions would be misread.");
    }
}
