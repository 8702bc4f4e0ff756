using Dora.Client;
using Dora.Core.Linux;
using Dora.Interfaces;

namespace Dora.Cli.Get;

/// <summary>Puts files in their places.</summary>
/// <param name="fetch">Brings those that did not come in a batch.</param>
/// <param name="options">What happens to files that are there already.</param>
/// <param name="ledger">Where it is written down.</param>
internal sealed class FileWriter(FileFetch fetch, GetOptions options, GetLedger ledger)
{
    /// <summary>Whether a file is to be fetched: nothing is there, or it may be replaced.</summary>
    /// <exception cref="DoraException">It may not.</exception>
    public bool IsWanted(in GetItem item)
    {
        if (item.Directory.Find(item.Name) is not { } there)
        {
            return true;
        }

        if (options.Resume && IsSame(there, item.Stat))
        {
            ledger.WasThere(item.Stat.Length);
            return false;
        }

        return (options.Force, there.IsDirectory) switch
        {
            (_, true) => throw LocalFailure.For(Errno.IsDirectory, item.Target),
            (true, _) => true,
            _ => throw LocalFailure.For(Errno.Exists, item.Target),
        };
    }

    /// <summary>Fetches and places a file.</summary>
    public async Task FetchAsync(GetItem item, CancellationToken cancellationToken)
    {
        using TargetFile target = item.Directory.Create();
        FileStat read = await fetch.ToFileAsync(item.Stat, target.Handle, cancellationToken);
        target.Place(item.Name, read.LastModified, options.Force);
        ledger.Copied(read.Length);
    }

    /// <summary>Places a file whose bytes are here.</summary>
    public void Write(in GetItem item, FileContent content)
    {
        using TargetFile target = item.Directory.Create();
        RandomAccess.Write(target.Handle, content.Bytes.Span, 0);
        target.Place(item.Name, content.LastModified, options.Force);
        ledger.Moved(content.Length);
        ledger.Copied(content.Length);
    }

    /// <summary>Whether a file is what an earlier run copied. A file system that keeps whole seconds has them right.</summary>
    private static bool IsSame(in NamedFile there, FileStat stat)
    {
        DateTimeOffset modified = stat.LastModified;
        bool isWholeSecond = there.Modified.Ticks % TimeSpan.TicksPerSecond == 0;
        return there.IsFile
            && there.Length == stat.Length
            && (there.Modified == modified || (isWholeSecond && there.Modified.ToUnixTimeSeconds() == modified.ToUnixTimeSeconds()));
    }
}
