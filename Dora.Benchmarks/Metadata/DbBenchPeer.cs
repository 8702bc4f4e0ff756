using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Dora.Benchmarks.Metadata;

/// <summary>RocksDB's own <c>db_bench readrandom</c>, with keys, values, cache, blocks, filter and codec of the same kind and size.</summary>
internal static partial class DbBenchPeer
{
    /// <returns>Gets a second with 1 and 4 threads, or <see langword="null"/> when the program is not there.</returns>
    internal static async Task<(double One, double Four)?> TryRunAsync(string directory, long files, int valueBytes, long cacheBytes, int milliseconds, CancellationToken cancellation)
    {
        string[] common =
        [
            $"--db={directory}", $"--num={files}", "--key_size=16", $"--value_size={valueBytes}", $"--cache_size={cacheBytes}", "--bloom_bits=10", "--block_size=4096",
            "--compression_type=lz4", "--compression_ratio=0.6", "--format_version=5", "--write_buffer_size=33554432", "--target_file_size_base=67108864", "--disable_wal=1", "--open_files=512",
        ];
        if (await RunAsync([.. common, "--benchmarks=fillseq,compact"], cancellation) is null)
        {
            return null;
        }

        PageCache.Warm(directory);
        string time = Math.Max(1, milliseconds / 1000).ToString(CultureInfo.InvariantCulture);
        double? one = await RunAsync([.. common, "--use_existing_db=1", "--benchmarks=readrandom", "--threads=1", $"--duration={time}"], cancellation);
        double? four = await RunAsync([.. common, "--use_existing_db=1", "--benchmarks=readrandom", "--threads=4", $"--duration={time}"], cancellation);
        return one is { } o && four is { } f ? (o, f) : null;
    }

    private static async Task<double?> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("db_bench", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            return null; // not installed
        }

        using (process)
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
            string output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await errors;
            await process.WaitForExitAsync(cancellation);
            Match match = PerSecond().Match(output);
            return process.ExitCode != 0 ? null : match.Success ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
        }
    }

    [GeneratedRegex(@"readrandom\s.*?(\d+) ops/sec")]
    private static partial Regex PerSecond();
}
