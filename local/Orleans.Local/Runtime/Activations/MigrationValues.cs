using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>The state that a migrating activation takes along, as bytes by name.</summary>
internal sealed class MigrationValues(IValueCodec codec) : IDehydrationContext, IRehydrationContext
{
    private readonly Dictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    public IEnumerable<string> Keys => _values.Keys;

    public static MigrationValues Read(IValueCodec codec, ref WireReader reader)
    {
        var values = new MigrationValues(codec);
        for (var count = reader.Int(); count > 0; count--)
        {
            var key = reader.String();
            values._values[key] = reader.Bytes().ToArray();
        }

        return values;
    }

    public void Write(WireWriter writer)
    {
        writer.Int(_values.Count);
        foreach (var (key, value) in _values)
            writer.String(key).Bytes(value);
    }

    public void AddBytes(string key, ReadOnlySpan<byte> value) => _values.Add(key, value.ToArray());

    public bool TryAddValue<T>(string key, T? value)
    {
        if (value is null)
            return false;
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            codec.Write(buffer, value, typeof(T));
        }
        catch (Serialization.CodecNotFoundException)
        {
            // The contract says false, not throw: the value stays behind.
            return false;
        }

        return _values.TryAdd(key, buffer.WrittenSpan.ToArray());
    }

    public bool TryGetBytes(string key, out ReadOnlySequence<byte> value)
    {
        var found = _values.TryGetValue(key, out var bytes);
        value = new ReadOnlySequence<byte>(bytes ?? []);
        return found;
    }

    public bool TryGetValue<T>(string key, [NotNullWhen(true)] out T? value)
    {
        value = default;
        if (!_values.TryGetValue(key, out var bytes))
            return false;
        ReadOnlyMemory<byte> source = bytes;
        value = (T?)codec.Read(ref source, typeof(T));
        return value is not null;
    }
}

/// <summary>An activation that arrives from another silo.</summary>
internal sealed record MigrationState(GrainAddress Previous, MigrationValues Values)
{
    private readonly TaskCompletionSource<bool> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True once the directory lists the new activation in place of the old one.</summary>
    public Task<bool> Accepted => _accepted.Task;

    public void Settled(bool accepted) => _accepted.TrySetResult(accepted);
}
