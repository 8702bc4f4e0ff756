namespace Orleans.Serialization;

/// <summary>Writes, reads and copies values of one exact type.</summary>
internal abstract class Codec(WireTag tag)
{
    public WireTag Tag => tag;

    public bool HasType => tag is >= WireTag.Record and <= WireTag.Enum;

    /// <summary>A copy of a value may be the value itself.</summary>
    public abstract bool IsImmutable { get; }

    public abstract void WriteObject(GraphWriter writer, object value);

    /// <summary>Reads what follows the tag and the type.</summary>
    public abstract object ReadObject(GraphReader reader);

    public abstract object CopyObject(object value, CopyContext context);
}

internal abstract class Codec<T>(WireTag tag) : Codec(tag)
{
    // Only these take an object index; strings and the like are written again.
    private readonly bool _tracked = tag is WireTag.Record or WireTag.Sequence;

    public void Write(GraphWriter writer, T value)
    {
        if (_tracked && writer.TryWriteReference(value!)) return;
        WriteTagged(writer, value);
    }

    public abstract void WriteBody(GraphWriter writer, T value);

    public abstract T ReadBody(GraphReader reader);

    public virtual T Copy(T value, CopyContext context) => value;

    public sealed override void WriteObject(GraphWriter writer, object value) => Write(writer, (T)value);

    public sealed override object ReadObject(GraphReader reader) => ReadBody(reader)!;

    public sealed override object CopyObject(object value, CopyContext context) => Copy((T)value, context)!;

    protected virtual void WriteTagged(GraphWriter writer, T value)
    {
        writer.WriteTag(Tag);
        if (HasType) writer.WriteType(typeof(T));
        WriteBody(writer, value);
    }
}
