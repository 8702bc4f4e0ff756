using System.Globalization;
using Microsoft.Extensions.Logging;
using RocksDbSharp;

namespace Dora.Storage.Metadata;

/// <summary>
/// Opens a metadata directory, and decides what a failure to open means: another worker's lock and a newer format are errors; damage is set aside and
/// the directory starts empty, because the store is the truth and a cache may always be thrown away.
/// </summary>
/// <param name="options">Where.</param>
/// <param name="time">Names what is set aside.</param>
/// <param name="logger">Hears of what is set aside.</param>
/// <param name="freeBytes">Free bytes of a directory's disk; by default the machine's answer.</param>
internal sealed class MetadataDirectory(MetadataStoreOptions options, TimeProvider time, ILogger logger, Func<string, long>? freeBytes = null) : IDisposable
{
    /// <summary>RocksDB writes its own state when it opens, tables from its log among it. Less room than this is one clear line instead of a failure half way.</summary>
    public const long MinimumFreeBytes = 8 << 20;

    /// <summary>Version of the whole directory: families, keys, record format. A directory of a later version is refused, not guessed at; one of an earlier version is set aside.</summary>
    public const int Format = 2;

    /// <summary>Record by file id.</summary>
    public const string Files = "files";

    /// <summary>When it was loaded, by UFS path; see <see cref="ExpiredEntryFilter"/>.</summary>
    public const string Paths = "paths";

    /// <summary>What the directory says about itself.</summary>
    public const string Meta = "meta";

    /// <summary>Lies in a directory that a running worker found damaged, for the next start to set it aside.</summary>
    public const string DamagedMarker = "DAMAGED";

    private const string DamagedSuffix = ".damaged-";

    /// <summary>Key of the format in the family <see cref="Meta"/>; the value is decimal text.</summary>
    public static ReadOnlySpan<byte> FormatKey => "format"u8;

    private readonly ExpiredEntryFilter _filesFilter = ExpiredEntryFilter.ForFiles(new MetadataExpiry(options, time));
    private readonly ExpiredEntryFilter _pathsFilter = ExpiredEntryFilter.ForPaths(new MetadataExpiry(options, time));

    private string Directory => Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Directory));

    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: used by another worker, of a newer format, or not usable.</exception>
    public RocksDb Open()
    {
        try
        {
            PrivateFiles.CreateDirectory(Directory);
            long free = freeBytes?.Invoke(Directory) ?? new DriveInfo(Directory).AvailableFreeSpace;
            if (free < MinimumFreeBytes)
            {
                throw new DoraException(
                    DoraErrorCode.Configuration, $"data directory {Directory} is on a full disk ({free:N0} bytes free, {MinimumFreeBytes:N0} needed to start): make room or choose another directory");
            }

            if (File.Exists(Path.Combine(Directory, DamagedMarker)))
            {
                // Through RocksDB first, for its lock: the directory of a running worker must not be moved away under it.
                TryOpen(out string? reason)?.Dispose();
                SetAside(reason ?? "found while it was in use");
            }

            RocksDb? db = TryOpen(out string? damage);
            if (db is not null)
            {
                return db;
            }

            SetAside(damage!);
            return TryOpen(out damage) ?? throw Unusable(damage!, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
    }

    /// <summary>Frees what the database calls: only after it is closed.</summary>
    public void Dispose()
    {
        _filesFilter.Dispose();
        _pathsFilter.Dispose();
    }

    private RocksDb? TryOpen(out string? damage)
    {
        RocksDb db;
        try
        {
            db = RocksDb.Open(MetadataRocksOptions.Database(options), Directory, Families());
        }
        catch (RocksDbException e)
        {
            damage = Judge(e);
            return null;
        }

        try
        {
            damage = CheckFormat(db);
            if (damage is null)
            {
                return db;
            }
        }
        catch (RocksDbException e)
        {
            damage = e.Message;
        }
        catch (DoraException)
        {
            db.Dispose();
            throw;
        }

        db.Dispose();
        return null;
    }

    // Families of a newer format are opened too: RocksDB demands all of them, and the format is inside.
    private ColumnFamilies Families()
    {
        var families = new ColumnFamilies(MetadataRocksOptions.Small());
        families.Add(Files, MetadataRocksOptions.FilesFamily(options, _filesFilter.Handle));
        families.Add(Paths, MetadataRocksOptions.PathsFamily(options, _pathsFilter.Handle));
        families.Add(Meta, MetadataRocksOptions.Small());
        var listing = new DbOptions();
        if (RocksDb.TryListColumnFamilies(listing, Directory, out string[] existing))
        {
            foreach (string unknown in existing.Except([ColumnFamilies.DefaultName, Files, Paths, Meta]))
            {
                families.Add(unknown, MetadataRocksOptions.Small());
            }
        }

        GC.KeepAlive(listing); // the package's finalizer would free it under the native call
        return families;
    }

    private string? CheckFormat(RocksDb db)
    {
        ColumnFamilyHandle meta = db.GetColumnFamily(Meta);
        byte[]? stored = db.Get(FormatKey, meta);
        if (stored is null)
        {
            db.Put(FormatKey, "2"u8, meta); // new, or its creation was cut short before the first entry
            return null;
        }

        if (!int.TryParse(stored, NumberStyles.None, CultureInfo.InvariantCulture, out int format) || format < 1)
        {
            return "its format is unreadable";
        }

        return format == Format ? null
            : format < Format ? $"it has the older format {format}, this version writes {Format}"
            : throw new DoraException(
                DoraErrorCode.Configuration,
                $"data directory {Directory} was written by a newer Dora (format {format}, this one reads up to {Format}): upgrade or choose another directory");
    }

    /// <summary>RocksDB's C API gives a failure's kind only as text, so the text is read here, and nowhere else.</summary>
    private string Judge(RocksDbException e)
    {
        bool Says(string text) => e.Message.Contains(text, StringComparison.OrdinalIgnoreCase);

        if (Says("While lock file") || Says("lock hold by current process"))
        {
            throw new DoraException(
                DoraErrorCode.Configuration, $"data directory {Directory} is already used by another worker: stop that one or choose another directory", e);
        }

        if (e.Message.StartsWith("Corruption", StringComparison.Ordinal) || Says("No such file or directory"))
        {
            return e.Message;
        }

        throw Unusable(e.Message, e); // permissions, a full disk, a failing device, a lacking codec: throwing the cache away would not help
    }

    private void SetAside(string reason)
    {
        foreach (string earlier in System.IO.Directory.GetDirectories(Path.GetDirectoryName(Directory)!, Path.GetFileName(Directory) + DamagedSuffix + "*"))
        {
            System.IO.Directory.Delete(earlier, recursive: true); // one is kept for a look at it, not one for every bad start
        }

        string target = Directory + DamagedSuffix + time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        System.IO.Directory.Move(Directory, target);
        PrivateFiles.CreateDirectory(Directory);
        MetadataLog.DirectorySetAside(logger, Directory, reason.ReplaceLineEndings(" "), target);
    }

    private DoraException Unusable(string reason, Exception? inner) =>
        new(DoraErrorCode.Configuration, $"data directory {Directory} cannot be used: {reason.ReplaceLineEndings(" ")}: repair it or choose another directory", inner);
}
