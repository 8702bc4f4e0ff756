using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Writes members by id; ids unknown to the reader are stepped over, ids missing in the message keep what the constructor set.</summary>
internal sealed class RecordCodec<T>() : Codec<T>(typeof(T).IsValueType ? WireTag.StructRecord : WireTag.Record)
{
    private readonly MemberTable<T> _members = new();
    private readonly Func<T>? _create = typeof(T).IsValueType ? null : MemberTable<T>.Constructor();

    public override bool IsImmutable { get; } = TypePlan.IsImmutableType(typeof(T));

    public override void WriteBody(GraphWriter writer, T value) => _members.Write(writer, ref value);

    public override T ReadBody(GraphReader reader)
    {
        T made = default!;
        if (_create is not null)
        {
            int slot = reader.Reserve();
            made = _create();
            reader.Set(slot, made!);
        }

        _members.Read(reader, ref made);
        return made;
    }

    public override T Copy(T value, CopyContext context)
    {
        if (IsImmutable) return value;
        T made = value;
        if (_create is not null)
        {
            made = _create();
            context.Record(value!, made!);
        }

        _members.Copy(ref value, ref made, context);
        return made;
    }
}

/// <summary>The members of <typeparamref name="T"/> by level, with emitted accessors.</summary>
internal sealed class MemberTable<T>
{
    private const ulong End = 0;
    private const ulong NextLevel = 1;

    private readonly Member<T>[][] _levels =
        [.. TypePlan.Of(typeof(T)).ThrowIfIncomplete().Levels.Select(level => level.Select(Member<T>.Create).ToArray())];

    /// <summary>The parameterless constructor, public or not; without one the object starts zeroed (positional records).</summary>
    public static Func<T> Constructor()
    {
        ConstructorInfo? constructor = typeof(T).GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);
        return constructor is null
            ? () => (T)RuntimeHelpers.GetUninitializedObject(typeof(T))
            : Expression.Lambda<Func<T>>(Expression.New(constructor)).Compile();
    }

    public void Write(GraphWriter writer, ref T owner)
    {
        for (int level = 0; level < _levels.Length; level++)
        {
            if (level > 0) writer.WriteVarUInt(NextLevel);
            foreach (Member<T> member in _levels[level]) member.Write(writer, ref owner);
        }

        writer.WriteVarUInt(End);
    }

    public void Read(GraphReader reader, ref T owner)
    {
        int level = 0, next = 0;
        for (ulong mark; (mark = reader.ReadVarUInt()) != End;)
        {
            if (mark == NextLevel)
            {
                level++;
                next = 0;
                continue;
            }

            if (Find(level, mark - 2, ref next) is { } member) member.Read(reader, ref owner);
            else reader.Skip();
        }
    }

    public void Copy(ref T from, ref T to, CopyContext context)
    {
        foreach (Member<T>[] level in _levels)
            foreach (Member<T> member in level) member.Copy(ref from, ref to, context);
    }

    // Members come sorted by id, so the search goes on where the last one was found.
    private Member<T>? Find(int level, ulong id, ref int next)
    {
        if (level >= _levels.Length) return null;
        Member<T>[] members = _levels[level];
        if (next < members.Length && members[next].Id > id) next = 0;
        while (next < members.Length && members[next].Id < id) next++;
        return next < members.Length && members[next].Id == id ? members[next++] : null;
    }
}
