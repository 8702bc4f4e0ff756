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
        ReadSource source = ReadSource.Begin();
        long start = time.GetTimestamp();
        try
        {
            T result = await read().ConfigureAwait(false);
            DoraInstruments.ReadDuration.Record(time.GetElapsedTime(start).TotalSeconds, mount, DoraInstruments.Label(DoraLabels.Source, source.Label));
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

    /// <summary>Begins the span of a batch of whole files; <see langword="null"/> when nobody listens. It is made current only while files are asked for (<see cref="Within"/>).</summary>
    public static Activity? StartBatch()
    {
        Activity? before = Activity.Current;
        Activity? span = DoraDiagnostics.Start("dora.read.batch", ActivityKind.Client);
        Activity.Current = before;
        return span;
    }

    /// <summary>Makes a batch's span the current one until it is disposed.</summary>
    public static BatchScope Within(Activity? batch) => new(batch);

    /// <summary>A file of a batch was read.</summary>
    public void NoteFile(FileContent content)
    {
        if (DoraInstruments.ReadBytes.Enabled && content.Error is null && DoraPath.TryParse(content.Path, out DoraPath path, out _))
        {
            DoraInstruments.ReadBytes.Add(content.Length, MountOf(path));
        }
    }

    private static Activity? Start(string name, KeyValuePair<string, object?> mount) => DoraDiagnostics.Start(name, ActivityKind.Client)?.SetTag(mount.Key, mount.Value);

    private KeyValuePair<string, object?> MountOf(DoraPath path) => DoraInstruments.Label(DoraLabels.Mount, view.Current.Mounts.Resolve(path)?.Mount.Path.Value);

    /// <summary>See <see cref="Within"/>.</summary>
    internal readonly ref struct BatchScope
    {
        private readonly Activity? _before;
        private readonly bool _isSet;

        public BatchScope(Activity? batch)
        {
            if (batch is not null)
            {
                (_before, _isSet) = (Activity.Current, true);
                Activity.Current = batch;
            }
        }

        public void Dispose()
        {
            if (_isSet)
            {
                Activity.Current = _before;
            }
        }
    }
}
