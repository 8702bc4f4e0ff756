namespace Dora.Storage.Ufs;

/// <summary>The lines that people read when a store gives no result, where several places say the same.</summary>
internal static class UfsMessages
{
    /// <summary>A file that did not change ended too early.</summary>
    /// <param name="path">Where it is in the store.</param>
    /// <param name="end">Where it ended.</param>
    /// <param name="length">Its length by its stat.</param>
    public static string Short(string path, long end, long length) =>
        $"'{path}' ends after {end} bytes where its size says {length}, and did not change: its store does not give true sizes, or has lost a part of it";
}
