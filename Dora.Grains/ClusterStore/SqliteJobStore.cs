using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Dora.Grains.ClusterStore;

/// <summary>Job state in SQLite, a JSON text per job.</summary>
internal sealed class SqliteJobStore(SqliteDatabase database) : IJobStore
{
    public ValueTask<StoredJob?> ReadAsync(string jobId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection =>
            {
                using SqliteCommand command = connection.Command(null, "SELECT format, body FROM dora_jobs WHERE job_id = $id", ("$id", jobId));
                using SqliteDataReader reader = command.ExecuteReader();
                return reader.Read() ? Parse(jobId, reader.GetInt64(0), reader.GetString(1)) : null;
            },
            cancellationToken);

    public ValueTask<bool> TryWriteAsync(StoredJob job, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) =>
            {
                long stored = connection.Number(transaction, "SELECT revision FROM dora_jobs WHERE job_id = $id", ("$id", job.JobId)) ?? 0;
                if (stored != job.Revision - 1)
                {
                    return false;
                }

                connection.Execute(
                    transaction,
                    "INSERT OR REPLACE INTO dora_jobs (job_id, revision, format, ended_at, body) VALUES ($id, $revision, $format, $ended, $body)",
                    ("$id", job.JobId),
                    ("$revision", job.Revision),
                    ("$format", StoredJob.Format),
                    ("$ended", job.EndedAt?.ToUnixTimeMilliseconds()),
                    ("$body", JsonSerializer.Serialize(job)));
                if (job.EndedAt is not null)
                {
                    Forget(connection, transaction);
                }

                return true;
            },
            cancellationToken);

    public ValueTask<(IReadOnlyList<StoredJob> Jobs, JobPlace? Next)> ListAsync(JobPlace? from, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection =>
            {
                // With one more than wanted, which tells whether there is another page.
                using SqliteCommand command = connection.Command(
                    null,
                    $"SELECT job_id, format, body, ended_at FROM dora_jobs WHERE {Behind(from)} ORDER BY ended_at IS NOT NULL, ended_at DESC, job_id DESC LIMIT $limit",
                    ("$ended", from?.EndedAt),
                    ("$id", from?.JobId),
                    ("$limit", limit + 1L));
                using SqliteDataReader reader = command.ExecuteReader();
                List<StoredJob> jobs = [];
                JobPlace? last = null;
                while (reader.Read())
                {
                    if (jobs.Count == limit)
                    {
                        return ((IReadOnlyList<StoredJob>)jobs, last);
                    }

                    jobs.Add(ParseOrTell(reader.GetString(0), reader.GetInt64(1), reader.GetString(2)));
                    last = new JobPlace(reader.IsDBNull(3) ? null : reader.GetInt64(3), reader.GetString(0));
                }

                return (jobs, null);
            },
            cancellationToken);

    private static string Behind(JobPlace? from) => from switch
    {
        null => "1",
        { EndedAt: null } => "((ended_at IS NULL AND job_id < $id) OR ended_at IS NOT NULL)",
        _ => "(ended_at < $ended OR (ended_at = $ended AND job_id < $id))",
    };

    private static StoredJob ParseOrTell(string jobId, long format, string body)
    {
        try
        {
            return Parse(jobId, format, body);
        }
        catch (DoraException e)
        {
            return StoredJob.Unreadable(jobId, e.Message);
        }
    }

    private static StoredJob Parse(string jobId, long format, string body)
    {
        if (format != StoredJob.Format)
        {
            throw new DoraException(
                DoraErrorCode.Damaged, $"job '{jobId}' was written in format {format}, this version knows {StoredJob.Format}: use the newer Dora, or start a new job");
        }

        try
        {
            return JsonSerializer.Deserialize<StoredJob>(body)!;
        }
        catch (JsonException e)
        {
            throw new DoraException(DoraErrorCode.Damaged, $"the state of job '{jobId}' is damaged: start a new job", e);
        }
    }

    private static void Forget(SqliteConnection connection, SqliteTransaction transaction) =>
        connection.Execute(
            transaction,
            "DELETE FROM dora_jobs WHERE job_id IN (SELECT job_id FROM dora_jobs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT -1 OFFSET $keep)",
            ("$keep", IJobStore.MaxEndedJobs));
}
