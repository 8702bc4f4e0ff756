namespace Dora.LocalCluster;

/// <summary>Options that take a size.</summary>
internal static class SizeOption
{
    /// <summary>The size that an option was given.</summary>
    /// <exception cref="DoraException">InvalidArgument.</exception>
    public static long Parse(string text, string option) =>
        ByteSize.TryParse(text, out long bytes)
            ? bytes
            : throw new DoraException(DoraErrorCode.InvalidArgument, $"{option} '{text}' is no size: give for example 512m or 20g");
}
