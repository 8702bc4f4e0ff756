using System.Reflection;
using System.Reflection.Emit;

namespace Orleans.Serialization;

/// <summary>Moves one member of <typeparamref name="TOwner"/> to and from the wire.</summary>
internal abstract class Member<TOwner>(uint id)
{
    public uint Id => id;

    public static Member<TOwner> Create(PlannedMember planned)
    {
        Type type = typeof(Member<,>).MakeGenericType(typeof(TOwner), planned.Type);
        return (Member<TOwner>)Activator.CreateInstance(type, planned)!;
    }

    public abstract void Write(GraphWriter writer, ref TOwner owner);

    public abstract void Read(GraphReader reader, ref TOwner owner);

    public abstract void Copy(ref TOwner from, ref TOwner to, CopyContext context);
}

/// <summary>Emitted accessors: they reach private, init-only and readonly members without reflection per call.</summary>
internal sealed class Member<TOwner, TValue>(PlannedMember planned) : Member<TOwner>(planned.Id)
{
    private readonly Getter _get = MakeGetter(planned.Member);
    private readonly Setter _set = MakeSetter(planned.Member);

    private delegate TValue Getter(ref TOwner owner);

    private delegate void Setter(ref TOwner owner, TValue value);

    public override void Write(GraphWriter writer, ref TOwner owner)
    {
        writer.WriteVarUInt(Id + 2ul);
        writer.Write(_get(ref owner));
    }

    public override void Read(GraphReader reader, ref TOwner owner) => _set(ref owner, reader.Read<TValue>());

    public override void Copy(ref TOwner from, ref TOwner to, CopyContext context)
    {
        TValue value = _get(ref from);
        _set(ref to, planned.IsImmutable ? value : context.Copy(value));
    }

    private static Getter MakeGetter(MemberInfo member)
    {
        var method = new DynamicMethod($"get_{member.Name}", typeof(TValue), [typeof(TOwner).MakeByRefType()], typeof(TOwner).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        if (!typeof(TOwner).IsValueType) il.Emit(OpCodes.Ldind_Ref);
        if (member is FieldInfo field) il.Emit(OpCodes.Ldfld, field);
        else il.Emit(OpCodes.Call, ((PropertyInfo)member).GetMethod!);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Getter>();
    }

    private static Setter MakeSetter(MemberInfo member)
    {
        var method = new DynamicMethod($"set_{member.Name}", null, [typeof(TOwner).MakeByRefType(), typeof(TValue)], typeof(TOwner).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        if (!typeof(TOwner).IsValueType) il.Emit(OpCodes.Ldind_Ref);
        il.Emit(OpCodes.Ldarg_1);
        if (member is FieldInfo field) il.Emit(OpCodes.Stfld, field);
        else il.Emit(OpCodes.Call, ((PropertyInfo)member).SetMethod!);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Setter>();
    }
}
