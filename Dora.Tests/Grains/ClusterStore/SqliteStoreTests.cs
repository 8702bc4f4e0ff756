using Dora.Grains.ClusterStore;
using Dora.Interfaces;
using Dora.Tests.Doubles;
using Microsoft.Data.Sqlite;

namespace Dora.Tests.Grains.ClusterStore;

public sealed class SqliteStoreTests : IDisposable
{
    // Frozen: a row written by any released version reads like this.
    private const string GoldenJob =
        """{"JobId":"j1","Revision":3,"Path":"/a","Parallelism":16,"State":1,"StartedAt":"2026-01-02T03:04:05+00:00","EndedAt":null,"Counters":{"FilesFound":5,"BytesFound":50,"FilesDone":3,"BytesDone":30,"FilesFailed":1},"Failures":["/a/x: no"],"Pending":[{"Path":"/a/b","Continuation":"c"},{"Path":"/a/d","Continuation":null}]}""";

    // Frozen as well: what came to it since, left out where it says nothing.
    private const string GoldenLaterJob =
        """{"JobId":"j2","Revision":3,"Path":"/a","Parallelism":16,"State":6,"StartedAt":"2026-01-02T03:04:05+00:00","EndedAt":"2026-01-02T03:04:06+00:00","Counters":{"FilesFound":5,"BytesFound":50,"FilesDone":3,"BytesDone":30,"FilesFailed":1,"BytesFetched":7},"Failures":[],"Pending":[{"Path":"/a/l","Continuation":null,"IsLink":true}],"NoFollow":true,"Skipped":[{"Reason":4,"Count":2,"Names":["/a/p"]}],"Pass":1,"FilesHeld":2,"BytesHeld":20,"CapacityBytes":25,"Note":"why"}""";

    private readonly TempDirectory _directory = new();

    private string File => _directory["cluster/cluster.db"];

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    [Fact]
    public async Task Mounts_NewStore_IsEmptyAtVersionZero()
    {
        MountTable table = await new SqliteMountStore(Open()).ReadAsync(default);

        Assert.Equal(0, table.Version);
        Assert.Empty(table.Mounts);
    }

    [Fact]
    public async Task Mounts_Replaced_AreReadBackByAnother()
    {
        var mount = new Mount(DoraPath.Parse("/a b"), UfsUri.Parse("file:///x/é"), 65536, new Freshness(FreshnessMode.MaxAge, TimeSpan.FromMilliseconds(1500)))
        {
            Id = 65_535,
            Rules = new CacheRules(5L << 40, TimeSpan.FromDays(7)),
        };
        var pin = new Pin(DoraPath.Parse("/a b/hot"), 30) { Id = 255 };
        Assert.True(await new SqliteMountStore(Open()).TryReplaceAsync(new MountTable(1, [mount], [pin]) { LastMountId = 65_535 }, default));

        var other = new SqliteMountStore(Open());
        MountTable table = await other.ReadAsync(default);

        Assert.Equal(1, await other.ReadVersionAsync(default));
        Assert.Equal(1, table.Version);
        Assert.Equal(mount, Assert.Single(table.Mounts));
        Assert.Equal(pin, Assert.Single(table.Pins));
        Assert.Equal(65_535, table.LastMountId);
    }

    [Fact]
    public async Task Mounts_ReplacedFromAnOldTable_AreRefusedAndUnchanged()
    {
        var store = new SqliteMountStore(Open());
        var first = new Mount(DoraPath.Parse("/a"), UfsUri.Parse("file:///a"), 65536, Freshness.Immutable);
        Assert.True(await store.TryReplaceAsync(new MountTable(1, [first]), default));

        Assert.False(await store.TryReplaceAsync(new MountTable(1, []), default));
        Assert.False(await store.TryReplaceAsync(new MountTable(3, []), default));
        Assert.Equal(first, Assert.Single((await store.ReadAsync(default)).Mounts));
    }

    [Fact]
    public async Task Mounts_ManyWritersAtOnce_EachVersionIsWrittenOnce()
    {
        SqliteMountStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => new SqliteMountStore(Open()))];

        bool[] won = await Task.WhenAll(stores.Select(s => s.TryReplaceAsync(new MountTable(1, []), default).AsTask()));

        Assert.Single(won, static w => w);
    }

    [Fact]
    public void Schema_OpenedTwice_StaysAsItIs()
    {
        Open();
        using SqliteConnection connection = Open().Open();

        Assert.Equal(SqliteSchema.Version, connection.Number(null, "SELECT version FROM dora_schema"));
    }

    [Fact]
    public async Task Schema_OfVersion1_IsUpgradedAndItsMountsGetIds()
    {
        // Frozen: what the first released schema wrote.
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        using (SqliteConnection old = new SqliteDatabase(File).Open())
        {
            old.Execute(
                null,
                """
                CREATE TABLE dora_schema (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, written_by TEXT NOT NULL);
                INSERT INTO dora_schema VALUES (1, 1, '0.1.0');
                CREATE TABLE dora_mounts (path TEXT NOT NULL PRIMARY KEY, ufs TEXT NOT NULL, page_size INTEGER NOT NULL, freshness TEXT NOT NULL) WITHOUT ROWID;
                INSERT INTO dora_mounts VALUES ('/b', 'file:///b', 65536, 'immutable'), ('/a', 'file:///a', 1048576, 'max-age 1m');
                CREATE TABLE dora_mounts_version (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
                INSERT INTO dora_mounts_version VALUES (1, 7);
                CREATE TABLE dora_page_sizes (ufs TEXT NOT NULL PRIMARY KEY, page_size INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE dora_jobs (job_id TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, format INTEGER NOT NULL, ended_at INTEGER NULL, body TEXT NOT NULL) WITHOUT ROWID;
                """);
        }

        MountTable table = await new SqliteMountStore(Open()).ReadAsync(default);

        Assert.Equal([("/a", 1), ("/b", 2)], table.Mounts.Select(static m => (m.Path.Value, (int)m.Id)));
        Assert.All(table.Mounts, static m => Assert.Equal(default, m.Rules));
        Assert.Equal((7L, (ushort)2), (table.Version, table.LastMountId));
        Assert.Empty(table.Pins);

        // A worker of the first version that still runs goes on writing.
        using SqliteConnection still = new SqliteDatabase(File).Open();
        Assert.Equal(1, still.Execute(null, "INSERT INTO dora_mounts (path, ufs, page_size, freshness) VALUES ('/c', 'file:///c', 65536, 'immutable')"));
    }

    [Fact]
    public void Schema_WrittenByANewerDora_IsRefusedInOneLine()
    {
        using (SqliteConnection connection = Open().Open())
        {
            connection.Execute(null, "UPDATE dora_schema SET version = 99");
        }

        DoraException refused = Assert.Throws<DoraException>(Open);

        Assert.Equal(DoraErrorCode.Configuration, refused.Code);
        Assert.Contains("was written by a newer Dora (schema 99", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Schema_FileIsNoDatabase_IsRefusedInOneLine()
    {
        _directory.Write("cluster/cluster.db", "this is no database, whatever its name says"u8);

        DoraException refused = Assert.Throws<DoraException>(Open);

        Assert.Equal(DoraErrorCode.Configuration, refused.Code);
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task Jobs_Written_AreReadBack()
    {
        var store = new SqliteJobStore(Open());
        StoredJob job = Job("j1") with { Failures = ["/a/x: no"], Pending = [new PendingListing("/a/b", "c"), new PendingListing("/a/d", null)] };
        Assert.True(await store.TryWriteAsync(job, default));

        StoredJob read = (await store.ReadAsync("j1", default))!;

        Assert.Equal(job.Counters, read.Counters);
        Assert.Equal(job.Failures.AsEnumerable(), read.Failures);
        Assert.Equal(job.Pending.AsEnumerable(), read.Pending);
        Assert.Equal(job with { Failures = read.Failures, Pending = read.Pending }, read);
        Assert.Null(await store.ReadAsync("j2", default));
    }

    [Fact]
    public async Task Jobs_WrittenFromAnOldRevision_AreRefused()
    {
        var store = new SqliteJobStore(Open());
        Assert.True(await store.TryWriteAsync(Job("j"), default));

        Assert.False(await store.TryWriteAsync(Job("j"), default));
        Assert.True(await store.TryWriteAsync(Job("j") with { Revision = 2 }, default));
    }

    [Fact]
    public async Task Jobs_MoreEndedThanAreKept_OldestAreForgottenAndRunningStay()
    {
        SqliteDatabase database = Open();
        var store = new SqliteJobStore(database);
        Assert.True(await store.TryWriteAsync(Job("running"), default));
        using (SqliteConnection connection = database.Open())
        {
            connection.Execute(
                null,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $count) INSERT INTO dora_jobs SELECT 'old' || i, 1, 1, i, '{}' FROM n",
                ("$count", IJobStore.MaxEndedJobs));
        }

        Assert.True(await store.TryWriteAsync(Job("new") with { State = LoadJobState.Succeeded, EndedAt = DateTimeOffset.UnixEpoch.AddDays(1) }, default));

        using SqliteConnection check = database.Open();
        Assert.Equal(IJobStore.MaxEndedJobs, check.Number(null, "SELECT count(*) FROM dora_jobs WHERE ended_at IS NOT NULL"));
        Assert.Equal(0, check.Number(null, "SELECT count(*) FROM dora_jobs WHERE job_id = 'old1'"));
        Assert.NotNull(await store.ReadAsync("running", default));
    }

    [Theory]
    [InlineData("j1", GoldenJob)]
    [InlineData("j2", GoldenLaterJob)]
    public async Task Jobs_StoredText_IsFrozen(string id, string golden)
    {
        SqliteDatabase database = Open();
        var store = new SqliteJobStore(database);
        using (SqliteConnection connection = database.Open())
        {
            connection.Execute(null, "INSERT INTO dora_jobs VALUES ($id, 3, 1, NULL, $body)", ("$id", id), ("$body", golden));
        }

        StoredJob read = (await store.ReadAsync(id, default))!;
        Assert.True(await store.TryWriteAsync(read with { Revision = 4 }, default));

        using SqliteConnection check = database.Open();
        using SqliteCommand command = check.Command(null, "SELECT body FROM dora_jobs WHERE job_id = $id", ("$id", id));
        Assert.Equal(golden.Replace("\"Revision\":3", "\"Revision\":4", StringComparison.Ordinal), command.ExecuteScalar());
    }

    [Theory]
    [InlineData(2, "{}", "format 2")]
    [InlineData(1, "{", "damaged")]
    public async Task Jobs_UnreadableRow_IsDamagedInOneLine(int format, string body, string words)
    {
        SqliteDatabase database = Open();
        using (SqliteConnection connection = database.Open())
        {
            connection.Execute(null, "INSERT INTO dora_jobs VALUES ('j1', 1, $format, NULL, $body)", ("$format", format), ("$body", body));
        }

        DoraException damaged = await Assert.ThrowsAsync<DoraException>(() => new SqliteJobStore(database).ReadAsync("j1", default).AsTask());

        Assert.Equal(DoraErrorCode.Damaged, damaged.Code);
        Assert.Contains(words, damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_Listed_RunningFirstThenTheLastEnded_InPages()
    {
        SqliteDatabase database = Open();
        var store = new SqliteJobStore(database);
        string[] ids = ["run1", "run2", "old", "new", "same1", "same2"];
        int[] ended = [-1, -1, 1, 9, 5, 5];
        foreach ((string id, int at) in ids.Zip(ended))
        {
            StoredJob job = at < 0 ? Job(id) : Job(id) with { State = LoadJobState.Succeeded, EndedAt = DateTimeOffset.UnixEpoch.AddSeconds(at) };
            Assert.True(await store.TryWriteAsync(job, default));
        }

        using (SqliteConnection connection = database.Open())
        {
            connection.Execute(null, "INSERT INTO dora_jobs VALUES ('later', 1, 2, 7000, '{}')");
        }

        foreach (int limit in (int[])[1, 2, 3, 100])
        {
            List<StoredJob> listed = [];
            JobPlace? next = null;
            do
            {
                (IReadOnlyList<StoredJob> page, next) = await store.ListAsync(next, limit, default);
                Assert.InRange(page.Count, 1, limit);
                listed.AddRange(page);
                Assert.True(next is null || (JobPlace.TryParse(next.ToString(), out JobPlace? parsed) && parsed == next));
            }
            while (next is not null);

            Assert.Equal(["run2", "run1", "new", "later", "same2", "same1", "old"], listed.Select(static j => j.JobId));
            StoredJob unreadable = listed.Single(static j => j.JobId == "later");
            Assert.Equal(LoadJobState.Unknown, unreadable.State);
            Assert.Contains("format 2", Assert.Single(unreadable.Failures), StringComparison.Ordinal);
        }
    }

    private static StoredJob Job(string id) => new()
    {
        JobId = id,
        Revision = 1,
        Path = "/a",
        Parallelism = 16,
        State = LoadJobState.Running,
        StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Counters = new JobCounters(5, 50, 3, 30, 1),
    };

    private SqliteDatabase Open()
    {
        var database = new SqliteDatabase(File);
        SqliteSchema.Ensure(database);
        return database;
    }
}
