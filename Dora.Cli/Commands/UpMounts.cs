using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

/// <summary>The mounts of <c>up</c>: looked at before a worker is started, added when all serve.</summary>
internal static class UpMounts
{
    /// <summary>Reads <c>/path=URI</c>.</summary>
    /// <exception cref="DoraException">InvalidArgument, InvalidPath, or NotFound: no such directory on this machine.</exception>
    public static MountView[] Parse(IEnumerable<string> texts)
    {
        MountView[] mounts = [.. texts.Select(Parse)];
        return mounts.GroupBy(static m => m.Path, StringComparer.Ordinal).FirstOrDefault(static g => g.Count() > 1) is { } twice
            ? throw new DoraException(DoraErrorCode.InvalidArgument, $"--mount: '{twice.Key}' is given twice: choose another path for one")
            : mounts;
    }

    /// <summary>Adds a mount that is not there from an earlier run.</summary>
    public static async Task EnsureAsync(DoraClient client, MountView wanted, CancellationToken cancellationToken)
    {
        Mount mount = wanted.ToMount();
        if (!client.Mounts.Current.Any(m => m.Path == mount.Path && m.Ufs == mount.Ufs))
        {
            await client.Mounts.AddAsync(wanted, cancellationToken);
        }
    }

    private static MountView Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"--mount '{text}' is not /path=URI: give for example /data=/srv/datasets");
        }

        var view = new MountView(text[..equals], UfsLocation.Absolute(text[(equals + 1)..]), 0, string.Empty);
        Mount mount = view.ToMount();
        if (mount.Ufs.Scheme != "file")
        {
            throw new DoraException(DoraErrorCode.NotSupported, $"--mount {mount.Path}: there is no connector for '{mount.Ufs.Scheme}' in '{mount.Ufs}': use file");
        }

        if (UfsLocation.LocalDirectory(mount.Ufs) is { } directory && !Directory.Exists(directory))
        {
            throw new DoraException(
                DoraErrorCode.NotFound,
                File.Exists(directory) ? $"--mount {mount.Path}: '{directory}' is a file: name a directory" : $"--mount {mount.Path}: '{directory}' does not exist: create it, or name another directory");
        }

        return MountView.From(mount);
    }
}
