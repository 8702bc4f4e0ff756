using System.Buffers;

namespace Orleans.Runtime;

/// <summary>Arguments, results and context values as bytes, or copied.</summary>
internal sealed class CallBody(IValueCodec codec)
{
    public ReadOnlyMemory<byte> WriteArguments(GrainMethodModel method, object?[] arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (i != method.CancellationIndex)
                codec.Write(buffer, arguments[i], method.ParameterTypes[i]);
        }

        return buffer.WrittenMemory;
    }

    public object?[] ReadArguments(GrainMethodModel method, ReadOnlyMemory<byte> body)
    {
        var arguments = new object?[method.ParameterTypes.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (i != method.CancellationIndex)
                arguments[i] = codec.Read(ref body, method.ParameterTypes[i]);
        }

        return arguments;
    }

    public object?[] CopyArguments(GrainMethodModel method, object?[] arguments)
    {
        if (arguments.Length == 0)
            return arguments;
        var copy = new object?[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (i != method.CancellationIndex)
                copy[i] = method.ImmutableParameters[i] ? arguments[i] : codec.Copy(arguments[i], method.ParameterTypes[i]);
        }

        return copy;
    }

    public ReadOnlyMemory<byte> WriteResult(GrainMethodModel method, object? value) => method.Result!.ValueType is { } type ? Write(value, type) : default;

    public object? ReadResult(GrainMethodModel method, ReadOnlyMemory<byte> body) => method.Result!.ValueType is { } type ? codec.Read(ref body, type) : null;

    public object? CopyResult(GrainMethodModel method, object? value) =>
        method.Result!.ValueType is { } type && !method.ImmutableResult ? codec.Copy(value, type) : value;

    public ReadOnlyMemory<byte> WriteException(Exception exception)
    {
        try
        {
            return Write(exception, typeof(Exception));
        }
        catch (Serialization.SerializerException refused)
        {
            return Write(refused, typeof(Exception));
        }
    }

    public Exception ReadException(ReadOnlyMemory<byte> body)
    {
        try
        {
            return (Exception)codec.Read(ref body, typeof(Exception))!;
        }
        catch (Serialization.SerializerException unreadable)
        {
            return unreadable;
        }
    }

    public Exception CopyException(Exception exception)
    {
        try
        {
            return (Exception)codec.Copy(exception, typeof(Exception))!;
        }
        catch (Serialization.SerializerException refused)
        {
            return refused;
        }
    }

    public Dictionary<string, object>? CopyContext(Dictionary<string, object>? context)
    {
        if (context is null || context.Values.All(value => codec.IsImmutable(value.GetType())))
            return context;
        return context.ToDictionary(pair => pair.Key, pair => codec.Copy(pair.Value, typeof(object))!);
    }

    private ReadOnlyMemory<byte> Write(object? value, Type type)
    {
        var buffer = new ArrayBufferWriter<byte>();
        codec.Write(buffer, value, type);
        return buffer.WrittenMemory;
    }
}
