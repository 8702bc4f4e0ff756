using System.Diagnostics;
using Dora.Client.Cluster;
using Dora.Diagnostics;

namespace Dora.Client.Files;

/// <summary>Measures opens and reads, and puts spans around them, while somebody listens. Ask <see cref="IsListening"/> first: with nobody there, nothing is allocated.</summary>
/// <param name="view">Whose mounts are the labels.</param>
/// <param name="time">The clock.</param>
internal sealed class ReadObserver(ClusterViewFollower view, TimeProvider time)
{
    /// <summary>Whether a meter's or a span's listener is there.</summary>
    public static bool IsListening => DoraInstruments.ReadDuration.Enabled || DoraInstruments.ReadBytes.Enabled || DoraDiagnostics.Activities.HasListeners();

    /// <summary>An open: a span, no measurement.</summary>
    public async ValueTask<T> OpenAsync<T>(DoraPath path, Func<ValueTask<T>> open)
    {
        using Activity? span = Start("dora.open", MountOf(path));
        try
        {
            return await open().ConfigureAwait(false);
        }
        catch (DoraException e)
        {
            span.Fail(e.Code);
            throw;
        }
    }

    /// <summary>A read: a span, its duration and its bytes.</summary>
    /// <param name="path">What is read.</param>
    /// <param name="read">Reads.</param>
    /// <param name="bytesOf">How much was read.</param>
    public async ValueTask<T> ReadAsync<T>(DoraPath path, Func<ValueTask<T>> read, Func<T, long> bytesOf)
    {
        KeyValuePair<string, object?> mount = MountOf(path);
        using Activity? span = Start("dora.read", mount);
        long start = time.GetTimestamp();
        try
        {
            T result = await read().ConfigureAwait(false);
            DoraInstruments.ReadDuration.Record(time.GetElapsedTime(start).TotalSeconds, mount);
            DoraInstruments.ReadBytes.Add(bytesOf(result), mount);
            return result;
        }
        catch (DoraException e)
        {
            span.Fail(e.Code);
            DoraInstruments.ReadDuration.Record(time.GetElapsedTime(start).TotalSeconds, mount, DoraInstruments.Label(DoraLabels.ErrorType, e.Code.ToString()));
            throw;
        }
    }

    private static Activity? Start(string name, KeyValuePair<string, object?> mount) => DoraDiagnostics.Start(name, ActivityKind.Client)?.SetTag(mount.Key, mount.Value);

    private KeyValuePair<string, object?> MountOf(DoraPath path) => DoraInstruments.Label(DoraLabels.Mount, view.Current.Mounts.Resolve(path)?.Mount.Path.Value);
}
