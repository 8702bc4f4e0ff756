namespace Dora.LocalCluster;

/// <summary>A directory for pages, as given on the command line.</summary>
/// <param name="Path">The full path.</param>
/// <param name="CapacityBytes">Cap on what each worker stores in it.</param>
internal sealed record PageDirectoryOption(string Path, long CapacityBytes)
{
    /// <summary>Reads <c>DIR=SIZE</c>.</summary>
    /// <exception cref="DoraException">InvalidArgument.</exception>
    public static PageDirectoryOption Parse(string text)
    {
        int equals = text.LastIndexOf('=');
        return equals > 0
            ? new PageDirectoryOption(System.IO.Path.GetFullPath(text[..equals]), SizeOption.Parse(text[(equals + 1)..], "--page-dir"))
            : throw new DoraException(DoraErrorCode.InvalidArgument, $"--page-dir '{text}' is not DIR=SIZE: give for example /mnt/ssd2/dora=100g");
    }
}
