using System.Globalization;
using System.Security.Cryptography;

namespace Dora.LocalCluster;

/// <summary>
/// A one-machine cluster on disk: <c>cluster/</c> (membership, mounts, jobs), <c>cluster/id</c>, and <c>workers/wN/</c>, one per worker.
/// </summary>
internal sealed class ClusterDirectory
{
    /// <summary>Format of this layout; a newer one is refused.</summary>
    private const int FormatVersion = 1;

    private const string FormatFile = "format";
    private const string WorkersName = "workers";

    private ClusterDirectory(string root, string clusterId, string? mended) => (Root, ClusterId, Mended) = (root, clusterId, mended);

    /// <summary>What was changed so that other users cannot read it, in one line; <see langword="null"/>: nothing.</summary>
    public string? Mended { get; }

    /// <summary>The data directory.</summary>
    public string Root { get; }

    /// <summary>Names the cluster; made once.</summary>
    public string ClusterId { get; }

    /// <summary>What the workers share.</summary>
    public string ClusterPath => ClusterPathOf(Root);

    /// <summary>Where clients find the cluster of a data directory.</summary>
    public static string ClusterPathOf(string root) => Path.Combine(root, ClusterNames.DirectoryName);

    /// <summary>The data directory when none is given: <c>DORA_DATA</c>, else <c>~/.local/share/dora</c>.</summary>
    public static string Default
    {
        get
        {
            string? configured = Environment.GetEnvironmentVariable("DORA_DATA");
            if (!string.IsNullOrEmpty(configured))
            {
                return configured;
            }

            // Without HOME the system is asked for the user's home.
            string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return local.Length > 0
                ? Path.Combine(local, "dora")
                : throw new DoraException(DoraErrorCode.Configuration, "there is no home directory to keep the cluster's data in: give --data, or set DORA_DATA");
        }
    }

    /// <summary>A worker's own directory.</summary>
    public string WorkerPath(string workerId) => Path.Combine(Root, WorkersName, workerId);

    /// <summary>The workers that have a directory here, whether they run or not.</summary>
    public IReadOnlyList<string> KnownWorkers => [.. Directory.GetDirectories(Path.Combine(Root, WorkersName)).Select(static d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    /// <summary>Whether a worker process has a worker's directory now.</summary>
    public bool IsHeld(string workerId)
    {
        string file = Path.Combine(WorkerPath(workerId), "lock");
        try
        {
            using FileStream? free = File.Exists(file) ? PrivateFiles.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Opens a data directory, making it if needed.</summary>
    /// <exception cref="DoraException">Configuration: cannot be made, or written by a newer Dora. InvalidArgument: no path.</exception>
    public static ClusterDirectory Open(string root)
    {
        _ = ClusterAddress.Parse(root); // refuses what no client could name
        string full = Path.GetFullPath(root);
        try
        {
            string? mended = PrivateFiles.OpenDirectory(full, static name => name is FormatFile or ClusterNames.DirectoryName or WorkersName or RunningCluster.LockName or RunningCluster.StateName, "--data");
            PrivateFiles.CreateDirectory(ClusterPathOf(full));
            PrivateFiles.CreateDirectory(Path.Combine(full, WorkersName));
            CheckFormat(full);
            return new ClusterDirectory(full, ReadOrMakeId(full), mended);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"data directory '{full}' cannot be used ({e.Message}): choose another with --data", e);
        }
    }

    private static void CheckFormat(string root)
    {
        string file = Path.Combine(root, FormatFile);
        if (!File.Exists(file))
        {
            PrivateFiles.WriteAllText(file, FormatVersion.ToString(CultureInfo.InvariantCulture) + "\n");
            return;
        }

        string text = File.ReadAllText(file).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int format))
        {
            throw new DoraException(DoraErrorCode.Damaged, $"'{file}' does not hold a format number: this is no Dora data directory, choose another with --data");
        }

        if (format > FormatVersion)
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"data directory '{root}' was written by a newer Dora (format {format}, this one reads up to {FormatVersion}): upgrade, or choose another with --data");
        }
    }

    private static string ReadOrMakeId(string root)
    {
        string file = Path.Combine(ClusterPathOf(root), ClusterNames.IdFile);
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } id)
        {
            return id;
        }

        string made = "dora-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        PrivateFiles.WriteAllText(file, made + "\n");
        return made;
    }
}
