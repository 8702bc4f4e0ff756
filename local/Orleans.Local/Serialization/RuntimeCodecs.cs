using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Codecs of the runtime's own values.</summary>
internal static class RuntimeCodecs
{
    public static readonly Codec[] All =
    [
        new ScalarCodec<IdSpan>(WireTag.IdSpan, (w, v) => w.WriteBytes(v.AsSpan()), ReadSpan),
        new ScalarCodec<GrainType>(WireTag.GrainType, (w, v) => w.WriteBytes(v.AsSpan()), r => new GrainType(ReadSpan(r))),
        new ScalarCodec<GrainId>(WireTag.GrainId, WriteGrainId, ReadGrainId),
        new ScalarCodec<SiloAddress>(WireTag.SiloAddress, (w, v) => w.WriteString(v.ToParsableString()), r => SiloAddress.FromParsableString(r.ReadString())),
        new ScalarCodec<GrainReference>(WireTag.GrainReference, WriteReference, ReadReference),
    ];

    /// <summary>The codec of grain references, whatever interface they are made for; null for any other type.</summary>
    public static Codec? ForReference(Type type) => typeof(GrainReference).IsAssignableFrom(type) ? All[^1] : null;

    private static IdSpan ReadSpan(GraphReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes();
        return bytes.IsEmpty ? default : new IdSpan(bytes.ToArray());
    }

    private static void WriteGrainId(GraphWriter writer, GrainId id)
    {
        writer.WriteBytes(id.Type.AsSpan());
        writer.WriteBytes(id.Key.AsSpan());
    }

    private static GrainId ReadGrainId(GraphReader reader) => new(new GrainType(ReadSpan(reader)), ReadSpan(reader));

    private static void WriteReference(GraphWriter writer, GrainReference reference)
    {
        WriteGrainId(writer, reference.GrainId);
        writer.WriteBytes(reference.InterfaceType.Value.AsSpan());
    }

    private static GrainReference ReadReference(GraphReader reader) =>
        (GrainReference)reader.Context.References.CreateReference(ReadGrainId(reader), new GrainInterfaceType(ReadSpan(reader)));
}
