namespace Orleans.Serialization;

/// <summary>
/// First byte of every value. The set is self-describing: a reader can step over a value whose type it does not know.
/// Numbers are written on the wire between processes of one version range: never renumber, only append.
/// </summary>
internal enum WireTag : byte
{
    Null = 0,

    /// <summary>varint index of an object seen earlier in this message.</summary>
    Reference = 1,

    /// <summary>type, then (varint id + 2, value)*, where 1 starts the next inheritance level and 0 ends. Takes an object index.</summary>
    Record = 2,

    /// <summary>As <see cref="Record"/> for a value type: takes no object index.</summary>
    StructRecord = 3,

    /// <summary>type, varint flags, varint count, values. Takes an object index.</summary>
    Sequence = 4,

    /// <summary>As <see cref="Sequence"/> for a value type: takes no object index.</summary>
    StructSequence = 5,

    /// <summary>type, zigzag varint.</summary>
    Enum = 6,

    // Payload is one zigzag or plain varint.
    Boolean = 16,
    SByte = 17,
    Byte = 18,
    Int16 = 19,
    UInt16 = 20,
    Int32 = 21,
    UInt32 = 22,
    Int64 = 23,
    UInt64 = 24,
    Char = 25,
    TimeSpan = 26,
    DateTime = 27,
    DateOnly = 28,
    TimeOnly = 29,

    // Payload is varint length, bytes.
    Single = 64,
    Double = 65,
    Decimal = 66,
    String = 67,
    Bytes = 68,
    Memory = 69,
    Guid = 70,
    DateTimeOffset = 71,
    IPAddress = 72,
    IPEndPoint = 73,
    Uri = 74,
    GrainId = 75,
    SiloAddress = 76,
    GrainReference = 77,
    GrainType = 78,
    IdSpan = 79,
}
