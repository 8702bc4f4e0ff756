using Dora.PageChannel.Transport;
using Dora.Storage.Metadata;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;

namespace Dora.Silo.Hosting;

/// <summary>Checks a worker's options before anything is touched.</summary>
internal static class WorkerOptionsCheck
{
    private const long MinMetadataMemory = MetadataStoreOptions.MinMemoryBudget;

    /// <summary>The longest hand-over: the calls between workers that it consists of may take that long.</summary>
    internal static readonly TimeSpan MaxHandOver = TimeSpan.FromMinutes(5);

    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>: one line with everything that is wrong, each part naming its option.</exception>
    public static void ThrowIfInvalid(WorkerOptions options)
    {
        string[] errors = [.. Errors(options)];
        if (errors.Length > 0)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, string.Join("; ", errors));
        }
    }

    private static IEnumerable<string> Errors(WorkerOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            yield return "--data: name the worker's directory";
        }

        if (options.WorkerId is not null && !Dora.WorkerId.IsValid(options.WorkerId))
        {
            yield return $"--worker-id: '{options.WorkerId}' is not 1 to {Dora.WorkerId.MaxLength} characters of a-z, 0-9, '-', '_', '.'";
        }

        if (options.Cluster is not null && !ClusterAddress.TryParse(options.Cluster, out _, out string? problem))
        {
            yield return $"--cluster: {problem}";
        }

        if (options.ClusterId is not null && !Dora.WorkerId.IsValid(options.ClusterId))
        {
            yield return $"--cluster-id: '{options.ClusterId}' is not 1 to {Dora.WorkerId.MaxLength} characters of a-z, 0-9, '-', '_', '.'";
        }

        foreach ((string name, int port) in new[] { ("--silo-port", options.SiloPort), ("--gateway-port", options.GatewayPort), ("--page-port", options.PagePort) })
        {
            if (port is < 0 or > 65535)
            {
                yield return $"{name}: {port} is not 0 to 65535";
            }
        }

        if (options.PageCapacityBytes < PageStoreOptions.MinCapacityBytes)
        {
            yield return $"--page-capacity: {ByteSize.Text(options.PageCapacityBytes)} is less than {ByteSize.Text(PageStoreOptions.MinCapacityBytes)}";
        }

        foreach (PageDirectoryOptions directory in options.MorePageDirectories)
        {
            if (directory.CapacityBytes < PageStoreOptions.MinCapacityBytes)
            {
                yield return $"--page-dir: {ByteSize.Text(directory.CapacityBytes)} for '{directory.Path}' is less than {ByteSize.Text(PageStoreOptions.MinCapacityBytes)}";
            }
        }

        if (options.MorePageDirectories.GroupBy(static d => Path.TrimEndingDirectorySeparator(Path.GetFullPath(d.Path)), StringComparer.Ordinal).FirstOrDefault(static g => g.Count() > 1) is { } twice)
        {
            yield return $"--page-dir: '{twice.Key}' is named twice";
        }

        if (options.MetadataMemoryBytes < MinMetadataMemory)
        {
            yield return $"--metadata-memory: {ByteSize.Text(options.MetadataMemoryBytes)} is less than {ByteSize.Text(MinMetadataMemory)}";
        }

        if (options.ForeignStoreRate is < 1 or > 1_000_000)
        {
            yield return $"--foreign-store-rate: {options.ForeignStoreRate} is not 1 to 1000000";
        }

        if (options.HandOverTime < TimeSpan.Zero || options.HandOverTime > MaxHandOver)
        {
            yield return $"--hand-over: {options.HandOverTime.TotalSeconds} is not 0 to {MaxHandOver.TotalSeconds} seconds";
        }

        if (options.PollTime < TimeSpan.Zero || options.PollTime > SocketPoller.MaxTime)
        {
            yield return $"--poll-time: {options.PollTime.TotalMicroseconds} is not 0 to {SocketPoller.MaxTime.TotalMicroseconds} microseconds";
        }

        if (options.Weight is < 1 or > WorkerDescriptor.MaxWeight)
        {
            yield return $"--weight: {options.Weight} is not 1 to {WorkerDescriptor.MaxWeight}";
        }
    }
}
