namespace Dora.Client.Files;

/// <summary>
/// What happens to a read of a file that changed before a byte of it was given out: it is opened and read once more, and no further time. Nobody can then have bytes of two versions.
/// </summary>
internal static class ChangedFiles
{
    /// <summary>Ends the reading of a file that changed when it was read for the second time.</summary>
    public static void ThrowIf(bool isAgain, DoraPath path)
    {
        if (isAgain)
        {
            throw StillChanging(path);
        }
    }

    /// <summary>The file changed again.</summary>
    public static DoraException StillChanging(DoraPath path) => new(
        DoraErrorCode.VersionChanged,
        $"'{path}' changed again when it was opened again: something writes to it all the time. Up to 16 MiB of a file that is appended to can be read; read a copy of a larger one, or wait until its writer is done");
}
