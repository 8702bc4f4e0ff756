using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Dora;

/// <summary>
/// Where a cluster keeps what its members share: a directory (the cluster's own, or the data directory of <c>dora up</c> around it), or a SQLite file. The
/// same text serves workers, clients and commands. Immutable; what is at the address may change.
/// </summary>
public sealed partial class ClusterAddress
{
    private const string Advice = "give a directory or a SQLite file";
    private const int BusySeconds = 10;

    private ClusterAddress(string text, string databaseFile) => (Text, DatabaseFile) = (text, databaseFile);

    /// <summary>The address as it was given.</summary>
    public string Text { get; }

    /// <summary>The full path of the SQLite file: membership, reminders, mounts and jobs.</summary>
    public string DatabaseFile { get; }

    /// <summary>The full path of the directory that the SQLite file and the cluster's id are in.</summary>
    public string Directory => Path.GetDirectoryName(DatabaseFile)!;

    /// <summary>Whether there is a cluster now.</summary>
    public bool Exists => File.Exists(DatabaseFile);

    /// <summary>The name under which Orleans loads the database's library.</summary>
    internal static string Invariant => "System.Data.SQLite";

    /// <summary>What ADO.NET opens an existing database with; a missing one is not made. Waits up to ten seconds for other writers.</summary>
    internal string ConnectionString =>
        new DbConnectionStringBuilder { ["Data Source"] = DatabaseFile, ["Mode"] = "ReadWrite", ["Default Timeout"] = BusySeconds }.ConnectionString;

    /// <summary>Reads an address. A path that ends in <c>.db</c>, <c>.sqlite</c> or <c>.sqlite3</c>, or at which there is a file, is a SQLite file.</summary>
    /// <param name="text">A path, absolute or relative to the working directory.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>: no such address, in one line that says what to give.</exception>
    public static ClusterAddress Parse(string text) =>
        TryParse(text, out ClusterAddress? address, out string? error) ? address : throw new DoraException(DoraErrorCode.InvalidArgument, error);

    /// <summary>Reads an address, as <see cref="Parse"/> does.</summary>
    /// <param name="text">A path, absolute or relative to the working directory.</param>
    /// <param name="address">The address, when the result is <see langword="true"/>.</param>
    /// <param name="error">Otherwise one line that says what is wrong and what to give.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ClusterAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        error = Problem(text);
        if (error is null)
        {
            address = new ClusterAddress(text!, FileOf(Path.GetFullPath(text!)));
        }

        return error is null;
    }

    /// <summary>The cluster's id as it stands beside the database, or <see langword="null"/> when there is none.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string? ReadId()
    {
        string file = Path.Combine(Directory, ClusterNames.IdFile);
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } id ? id : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string? Problem(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return $"the cluster's address is empty: {Advice}";
        }

        if (Scheme().Match(text) is { Success: true } scheme)
        {
            return scheme.Groups[1].Value.ToLowerInvariant() is "postgres" or "postgresql"
                ? $"a cluster in PostgreSQL ('{scheme.Value}...') is not supported yet; {Advice}"
                : $"'{text}' is no cluster address: {Advice}";
        }

        return text.Contains('\0', StringComparison.Ordinal) || text.Contains("Data Source=", StringComparison.OrdinalIgnoreCase)
            ? $"'{text.Replace("\0", "\\0", StringComparison.Ordinal)}' is no path: {Advice}"
            : null;
    }

    private static string FileOf(string full)
    {
        string inside = Path.Combine(full, ClusterNames.DirectoryName, ClusterNames.DatabaseFile);
        return File.Exists(inside) ? inside
            : File.Exists(full) || (!System.IO.Directory.Exists(full) && Path.GetExtension(full) is ".db" or ".sqlite" or ".sqlite3") ? full
            : Path.Combine(full, ClusterNames.DatabaseFile);
    }

    [GeneratedRegex("^([a-z][a-z0-9+.-]*)://", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();
}
