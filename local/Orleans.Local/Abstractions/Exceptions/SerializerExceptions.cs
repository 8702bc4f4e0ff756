namespace Orleans.Serialization;

/// <summary>A value could not be written, read or copied.</summary>
[GenerateSerializer]
[Alias("Orleans.Serialization.SerializerException")]
public class SerializerException : Exception
{
    public SerializerException()
    {
    }

    public SerializerException(string message)
        : base(message)
    {
    }

    public SerializerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Nothing is known about how to write values of the type.</summary>
[GenerateSerializer]
[Alias("Orleans.Serialization.CodecNotFoundException")]
public sealed class CodecNotFoundException : SerializerException
{
    public CodecNotFoundException(string message)
        : base(message)
    {
    }
}

/// <summary>Which exceptions cross a call as themselves without attributes.</summary>
public class ExceptionSerializationOptions
{
    public HashSet<string> SupportedNamespacePrefixes { get; } = new(StringComparer.Ordinal) { "Microsoft", "System", "Azure" };

    public Func<Type, bool> SupportedExceptionTypeFilter { get; set; } = _ => false;
}
