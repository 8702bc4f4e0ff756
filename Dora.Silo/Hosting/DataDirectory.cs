using System.Globalization;
using System.Security.Cryptography;

namespace Dora.Silo.Hosting;

/// <summary>
/// A worker's directory, opened: locked against other workers until disposed (also when the process dies), of a format this program knows, with the
/// worker's identity in it.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    /// <summary>The format this program writes. Frozen in the file <c>format</c>.</summary>
    public const int Format = 1;

    private const string LockFile = "lock";
    private const string FormatFile = "format";
    private const string IdentityFile = "worker-id";
    private const string SiloPortFile = "silo-port";
    private const string MetadataName = "metadata";
    private const string PagesName = "pages";
    private const string LogName = "worker.log";
    private const string SameHostName = "same-host";

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held, WorkerId workerId, string? mended) => (Root, _lock, WorkerId, Mended) = (path, held, workerId, mended);

    /// <summary>What was changed so that other users cannot read it, in one line; <see langword="null"/>: nothing.</summary>
    public string? Mended { get; }

    /// <summary>The directory's full path.</summary>
    public string Root { get; }

    /// <summary>The worker that the directory belongs to.</summary>
    public WorkerId WorkerId { get; }

    /// <summary>Where metadata is kept.</summary>
    public string Metadata => Path.Combine(Root, MetadataName);

    /// <summary>Where pages are kept.</summary>
    public string Pages => Path.Combine(Root, PagesName);

    /// <summary>The log file.</summary>
    public string Log => Path.Combine(Root, LogName);

    /// <summary>Where the socket for processes of this host is, when no other place is named.</summary>
    public string SameHostSocket => Path.Combine(Root, SameHostName, "socket");

    /// <summary>Opens a directory, or makes it.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="workerId">The worker it must belong to; <see langword="null"/> for the one in it, or a new one.</param>
    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.Configuration"/>: it cannot be used, another worker has it, it holds something else, or it is newer than this program.
    /// </exception>
    public static DataDirectory Open(string path, string? workerId) => TryOpen(path, workerId)
        ?? throw Refused($"the data directory '{Path.GetFullPath(path)}' is in use by another worker: stop that one, or choose another directory with --data");

    /// <summary>As <see cref="Open"/>, and waits for a worker that has the directory and may just be ending.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="workerId">See <see cref="Open"/>.</param>
    /// <param name="patience">How long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<DataDirectory> OpenAsync(string path, string? workerId, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < patience)
        {
            if (TryOpen(path, workerId) is { } opened)
            {
                return opened;
            }

            await Task.Delay(LockPause, time, cancellationToken).ConfigureAwait(false);
        }

        return Open(path, workerId);
    }

    /// <summary>As <see cref="Open"/>; <see langword="null"/>: another worker has it.</summary>
    private static DataDirectory? TryOpen(string path, string? workerId)
    {
        string root = Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            RefuseStranger(root);
            string? mended = PrivateFiles.OpenDirectory(root, static name => IsEarly(name) || IsOwn(name), "--data");
            held = TryLock(root);
            if (held is null)
            {
                return null;
            }

            RemoveDrafts(root);
            CheckFormat(root);
            var opened = new DataDirectory(root, held, Identify(root, workerId), mended);
            held = null;
            return opened;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"the data directory '{root}' cannot be used ({e.Message}): check its path and rights, or choose another with --data", e);
        }
        finally
        {
            held?.Dispose();
        }
    }

    /// <summary>
    /// The silo port that the worker had when it last ran, or 0. A worker that comes back on it declares its own dead predecessor dead at once; with
    /// another port, workers that start together after a crash of all wait for the dead ones until the join times out.
    /// </summary>
    public int LastSiloPort()
    {
        string file = Path.Combine(Root, SiloPortFile);
        return File.Exists(file) && ushort.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : 0;
    }

    /// <summary>Keeps the port for the next start.</summary>
    public void RememberSiloPort(int port)
    {
        try
        {
            PrivateFiles.WriteAllText(Path.Combine(Root, SiloPortFile), port.ToString(CultureInfo.InvariantCulture) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // For example a full disk: the worker can do without, a later start is only slower.
        }
    }

    /// <summary>Lets go of the directory.</summary>
    public void Dispose() => _lock.Dispose();

    private static DoraException Refused(string message, Exception? inner = null) => new(DoraErrorCode.Configuration, message, inner);

    private static FileStream? TryLock(string root)
    {
        string file = Path.Combine(root, LockFile);
        try
        {
            // The operating system drops the lock with the process, however that ends.
            return PrivateFiles.Open(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
    }

    /// <summary>What a crash left of a file that was being written; nobody else writes here while the lock is held.</summary>
    private static void RemoveDrafts(string root)
    {
        foreach (string draft in Directory.GetFiles(root).Where(static f => DraftName.Is(Path.GetFileName(f))))
        {
            File.Delete(draft);
        }
    }

    private static void RefuseStranger(string root)
    {
        if (!Directory.Exists(root) || File.Exists(Path.Combine(root, FormatFile)))
        {
            return;
        }

        string? stranger = Directory.EnumerateFileSystemEntries(root).Select(static e => Path.GetFileName(e)).FirstOrDefault(static e => e is not "lost+found" && !IsEarly(e));
        if (stranger is not null)
        {
            throw Refused($"the data directory '{root}' holds '{stranger}' and no Dora data: choose an empty or new directory with --data");
        }
    }

    private static void CheckFormat(string root)
    {
        string file = Path.Combine(root, FormatFile);
        if (!File.Exists(file))
        {
            PrivateFiles.WriteAllText(file, Format.ToString(CultureInfo.InvariantCulture) + "\n");
            return;
        }

        string text = File.ReadAllText(file).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int format) || format < 1)
        {
            throw Refused($"'{file}' is damaged (it says '{(text.Length > 20 ? text[..20] : text)}'): move the directory away and start with a new one; the cache fills again");
        }

        if (format > Format)
        {
            throw Refused($"the data directory '{root}' was written by a newer Dora (format {format}, this one knows {Format}): use that version, or another directory with --data");
        }
    }

    /// <summary>Whether a name may be there before the format is.</summary>
    private static bool IsEarly(string name) => name is LockFile or FormatFile + ".new" || DraftName.Is(name);

    private static bool IsOwn(string name) =>
        name is FormatFile or IdentityFile or IdentityFile + ".new" or SiloPortFile or SiloPortFile + ".new" or PagesName or SameHostName or ClusterNames.DirectoryName
        || name.StartsWith(MetadataName, StringComparison.Ordinal) || name.StartsWith(LogName, StringComparison.Ordinal);

    private static WorkerId Identify(string root, string? wanted)
    {
        string file = Path.Combine(root, IdentityFile);
        if (File.Exists(file))
        {
            string known = File.ReadAllText(file).Trim();
            if (!Dora.WorkerId.IsValid(known))
            {
                throw Refused($"'{file}' is damaged: write the worker's id into it (1 to {Dora.WorkerId.MaxLength} characters of a-z, 0-9, '-', '_', '.')");
            }

            return wanted is null || wanted == known
                ? new WorkerId(known)
                : throw Refused($"the data directory '{root}' belongs to worker '{known}', not '{wanted}': leave out --worker-id, or choose another directory with --data");
        }

        var id = new WorkerId(wanted ?? "w-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)));
        PrivateFiles.WriteAllText(file, id.Value + "\n");
        return id;
    }
}
