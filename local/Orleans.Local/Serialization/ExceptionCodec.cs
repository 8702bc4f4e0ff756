using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Orleans.Serialization;

/// <summary>
/// Exceptions cross with type, message, inner exception and the text of their stack. Those of System and Microsoft also carry their simple
/// fields (ParamName, FileName, inner exceptions); others need [GenerateSerializer] and carry their [Id] members.
/// </summary>
internal sealed class ExceptionCodec<T> : Codec<T> where T : Exception
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly MemberTable<T>? _members = typeof(T).IsDefined(typeof(GenerateSerializerAttribute), false) ? new() : null;
    private readonly Func<T> _create = MemberTable<T>.Constructor();
    private readonly FieldInfo[] _simpleFields = [.. SimpleFields()];

    public ExceptionCodec() : base(WireTag.Record)
    {
    }

    public override bool IsImmutable => false;

    /// <summary>Exceptions are not copied, they are values once thrown; but those that may not cross are refused here too.</summary>
    public override T Copy(T value, CopyContext context)
    {
        if (_members is null && !context.Context.Supports(typeof(T))) throw Missing(value);
        if (value.InnerException is { } inner) context.Copy(inner);
        return value;
    }

    public override void WriteBody(GraphWriter writer, T value)
    {
        if (_members is null && !writer.Context.Supports(typeof(T))) throw Missing(value);
        Field(writer, 0, RawMessage(value));
        Field(writer, 1, value.InnerException);
        Field(writer, 2, value.StackTrace);
        Field(writer, 3, value.HResult);
        Field(writer, 4, _simpleFields.Select(f => f.Name).ToArray());
        Field(writer, 5, _simpleFields.Select(f => f.GetValue(value)).ToArray());
        if (_members is null)
        {
            writer.WriteVarUInt(0);
            return;
        }

        writer.WriteVarUInt(1);
        _members.Write(writer, ref value);
    }

    public override T ReadBody(GraphReader reader)
    {
        if (_members is null && !reader.Context.Supports(typeof(T)))
            throw new CodecNotFoundException($"The message holds an exception of type {typeof(T)}, which has no [GenerateSerializer].");
        int slot = reader.Reserve();
        T made = _create();
        reader.Set(slot, made);
        string[] names = [];
        object?[] values = [];
        ulong mark;
        while ((mark = reader.ReadVarUInt()) > 1)
        {
            switch (mark - 2)
            {
                case 0: RawMessage(made) = reader.Read<string?>(); break;
                case 1: Inner(made) = reader.Read<Exception?>(); break;
                case 2: SetStack(made, reader.Read<string?>()); break;
                case 3: made.HResult = reader.Read<int>(); break;
                case 4: names = reader.Read<string[]>(); break;
                case 5: values = reader.Read<object?[]>(); break;
                default: reader.Skip(); break;
            }
        }

        SetSimpleFields(made, names, values);
        if (mark == 1 && _members is not null) _members.Read(reader, ref made);
        return made;
    }

    private static void Field<TValue>(GraphWriter writer, uint id, TValue value)
    {
        writer.WriteVarUInt(id + 2);
        writer.Write(value);
    }

    private static CodecNotFoundException Missing(T value) =>
        new($"Could not find a codec for exception type {typeof(T)}: it has no [GenerateSerializer]. Its message was: {value.Message}");

    private static IEnumerable<FieldInfo> SimpleFields()
    {
        for (Type t = typeof(T); t != typeof(Exception); t = t.BaseType!)
        {
            if (t.IsDefined(typeof(GenerateSerializerAttribute), false)) continue;
            foreach (FieldInfo field in t.GetFields(Declared))
                if (field.FieldType.IsPrimitive || field.FieldType.IsEnum || field.FieldType == typeof(string) || field.FieldType == typeof(Exception[]))
                    yield return field;
        }
    }

    private static void SetStack(T exception, string? stack)
    {
        if (!string.IsNullOrEmpty(stack)) ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack);
    }

    private void SetSimpleFields(T exception, string[] names, object?[] values)
    {
        for (int i = 0; i < Math.Min(names.Length, values.Length); i++)
        {
            FieldInfo? field = Array.Find(_simpleFields, f => f.Name == names[i]);
            if (field is null) continue;
            if (values[i] is null ? field.FieldType.IsValueType : !field.FieldType.IsInstanceOfType(values[i]))
                throw GraphReader.Malformed($"has a wrong {names[i]} in {typeof(T)}");
            field.SetValue(exception, values[i]);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? RawMessage(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? Inner(Exception exception);
}
